import MoteBytes
import MoteWebSocket

/// Bytes from a server, as an answer to the handshake or as frames, while the client sends: the stream is what a second reader
/// makes of the same bytes, whatever pieces they come in; the memory of what is sent is as it was; and what has left is
/// frames, masked, of those bytes, with an answer to each Ping between them.
///
/// An input is a choice between the two, the sizes of pieces, and the bytes.
func fuzz(_ input: inout Input) {
  let choice = input.byte()
  let seed = input.byte()
  let bytes = input.rest()
  let memory = Buffer(WebSocket.memorySize)
  var socket = WebSocket(memory.region)
  socket.start([1, 2, 3, 4])
  if choice & 1 == 0 { answer(&socket, bytes) } else { frames(&socket, bytes, seed) }
}

/// No answer opens it but one with the proof, which nobody guesses who does not know it.
private func answer(_ socket: inout WebSocket, _ bytes: [UInt8]) {
  let host = Buffer(Array("h".utf8))
  while true {
    let part = socket.asking(host: host.region, portNumber: 443)
    if part.count == 0 { break }
    socket.asked(part.count, all: true)
  }
  var isOpen = false
  for byte in bytes {
    do throws(Failure) {
      if try socket.answer(byte) {
        isOpen = true
        break
      }
    } catch {
      demand(-302 ... -300 ~= error.code, "another failure: \(error.code)")
      demand((error.code == -300) == (socket.status >= 100 && socket.status != 101), "refused with \(socket.status)")
      return
    }
  }
  // The proof for this nonce.
  let text = String(decoding: bytes.filter { $0 != 32 && $0 != 9 && $0 != 13 }, as: Unicode.ASCII.self)
  demand(!isOpen || text.contains("NxMjBIrp0pwMaQGhmHHjoUYEjic="), "open without the proof")
}

private func frames(_ socket: inout WebSocket, _ bytes: [UInt8], _ seed: UInt8) {
  var generator = Generator(state: UInt64(seed))
  let expected = Story(bytes)
  var wire: [UInt8] = []
  var sent: [UInt8] = []
  var stream: [UInt8] = []
  var failure: Int32 = 0
  var rest = bytes[...]
  // What is to be sent, until all of it was taken.
  var outgoing = Buffer([])
  var start = 0
  var before: [UInt8] = []

  func send(_ takes: (Int) -> Int) {
    let isEmpty = start == outgoing.region.count
    let offered = socket.offer(outgoing.region, from: start, key: UInt32.random(in: .min ... .max, using: &generator))
    if offered.count == 0 { return }
    let isData = !socket.isControlOffered
    // At least 16 bytes, or all, or nothing.
    let most = takes(offered.count)
    let count = most == 0 ? 0 : max(most, min(offered.count, isData ? 16 : 1))
    wire += offered.array.prefix(count)
    let taken = Int(socket.took(Int32(count)))
    demand(outgoing.region.array == before, "the memory is not as it was")
    demand(taken >= 0 && (isData || taken == 0) && (!isEmpty || taken == 0), "took \(taken)")
    sent += outgoing.region.array[start..<start + taken]
    start += taken
  }

  while !rest.isEmpty && failure == 0 && !socket.isClosed {
    if start == outgoing.region.count {
      let front = Int.random(in: 0...18, using: &generator)
      let lengths = [1, 2, 10, 11, 125, 126, 400]
      let length = lengths[Int.random(in: lengths.indices, using: &generator)]
      before = (0..<front + length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      outgoing = Buffer(before)
      start = front
    }
    send { Int.random(in: 0...$0, using: &generator) }
    if socket.isControlOffered { continue }
    let count = min(rest.count, Int.random(in: 1...8, using: &generator))
    let room = Buffer(Array(rest.prefix(count)))
    rest = rest.dropFirst(count)
    do throws(Failure) {
      let length = try socket.receive(room.region, count)
      stream += room.region.array.prefix(length)
    } catch {
      failure = error.code
    }
  }
  demand(failure == expected.failure, "failed with \(failure), not \(expected.failure)")
  demand(failure != 0 || stream == expected.stream, "another stream")
  demand(socket.isClosed == expected.isClosed, "closed or not")
  // What is leaving leaves, and then what is owed.
  for _ in 0..<4 { send { $0 } }
  let left = Left(wire)
  demand(left.stream == sent, "what was sent is not what has left")
  let pings = failure == 0 ? expected.pings : []
  demand(left.pongs.count <= expected.pings.count, "more Pongs than Pings")
  if failure == 0 && !expected.isClosed {
    demand(expected.isCut || left.pongs.last == pings.last, "the last Ping was not answered")
    demand(left.close == nil, "closed by itself")
  }
  if expected.isClosed { demand(left.close == expected.close, "Close was not answered") }
}

/// What a reader that has all bytes at once makes of them.
private struct Story {
  var stream: [UInt8] = []
  var pings: [[UInt8]] = []
  var isClosed = false
  var close: [UInt8] = []
  /// Whether it ends within a Ping or Close, for which the answer to an earlier one makes way.
  var isCut = false
  var failure: Int32 = 0

  init(_ bytes: [UInt8]) { read(bytes) }

  private mutating func read(_ bytes: [UInt8]) {
    var rest = bytes[...]
    var isOpen = false
    while !isClosed, let first = rest.popFirst() {
      let opcode = first & 0x0F
      let isFinal = first & 0x80 != 0
      if first & 0x7F == 1 { return fail(-305) }
      if first & 0x70 != 0 || opcode > 10 || opcode > 2 && opcode < 8 { return fail(-303) }
      if opcode >= 8 && !isFinal { return fail(-307) }
      if opcode < 8 && (opcode == 0) != isOpen { return fail(-303) }
      if opcode < 8 { isOpen = !isFinal }
      isCut = opcode == 8 || opcode == 9
      guard let second = rest.popFirst() else { return }
      if second & 0x80 != 0 { return fail(-304) }
      var length = Int(second)
      if length >= 126 {
        if opcode >= 8 { return fail(-307) }
        let size = length == 126 ? 2 : 8
        let least = size == 2 ? 126 : 65_536
        length = 0
        for _ in 0..<size {
          // Before the byte that would make it too long comes.
          if length > 0x7F_FFFF && !rest.isEmpty { return fail(-306) }
          guard let byte = rest.popFirst() else { return }
          length = length << 8 | Int(byte)
        }
        if length < least { return fail(-306) }
      }
      let payload = Array(rest.prefix(length))
      rest = rest.dropFirst(length)
      if opcode < 8 { stream += payload }
      if payload.count < length { return }
      isCut = false
      if opcode == 9 { pings.append(payload) }
      if opcode == 8 {
        isClosed = true
        close = payload.count < 2 ? [] : Array(payload.prefix(2))
      }
    }
  }

  private mutating func fail(_ code: Int32) { failure = code }
}

/// What the client's frames were, the last of which may be cut.
private struct Left {
  var stream: [UInt8] = []
  var pongs: [[UInt8]] = []
  var close: [UInt8]?

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while rest.count >= 2 {
      let first = rest.removeFirst()
      let second = rest.removeFirst()
      demand(second & 0x80 != 0 && [0x82, 0x8A, 0x88].contains(first), "a frame that no client sends")
      demand(close == nil, "a frame after Close")
      var length = Int(second & 0x7F)
      if length == 126 {
        length = Int(rest.removeFirst()) << 8
        length |= Int(rest.removeFirst())
        demand(length >= 126, "a length that is not the shortest")
      }
      let key = Array(rest.prefix(4))
      rest = rest.dropFirst(4)
      let payload = rest.prefix(length).enumerated().map { $1 ^ key[$0 & 3] }
      rest = rest.dropFirst(length)
      switch first {
      case 0x82: stream += payload
      case 0x8A: pongs.append(payload)
      default: close = payload
      }
    }
  }
}
