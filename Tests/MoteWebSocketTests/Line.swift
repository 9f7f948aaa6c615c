import MoteBytes
import MoteTestSupport
import MoteWebSocket

/// A WebSocket over a transport that takes what a test lets it.
final class Line {
  let memory = Memory(WebSocket.memorySize)
  var socket: WebSocket
  /// The keys that it gets, again and again.
  var keys: [UInt32] = [0x37FA_213D]
  private var keyCount = 0
  /// What the transport answers to so many bytes.
  var takes: (Int) -> Int = { $0 }
  /// What has left, and what was offered last.
  private(set) var left: [UInt8] = []
  private(set) var offered: [UInt8] = []
  private(set) var offers = 0

  init() { socket = WebSocket(memory.region) }

  private func random() -> UInt32 {
    keyCount += 1
    return keys[(keyCount - 1) % keys.count]
  }

  private func transport(_ region: Region) -> Int32 {
    offers += 1
    offered = region.array
    let count = takes(region.count)
    if count > 0 { left += offered.prefix(count) }
    return Int32(count)
  }

  func start() { socket.start([random(), random(), random(), random()]) }

  /// Sends the request as far as the transport takes it: whether all of it left.
  func ask(_ host: String = "hub.example", _ portNumber: UInt16 = 443) -> Bool {
    let host = Memory(Array(host.utf8))
    while true {
      let bytes = socket.asking(host: host.region, portNumber: portNumber)
      if bytes.count == 0 { return true }
      let count = Int(transport(bytes))
      if count <= 0 { return false }
      socket.asked(count, all: count == bytes.count)
    }
  }

  /// How many bytes of the answer it took, and whether that opened it; or the failure.
  func answer(_ text: String) -> (count: Int, isOpen: Bool, failure: Int32) {
    var count = 0
    for byte in text.utf8 {
      do throws(Failure) {
        count += 1
        if try socket.answer(byte) { return (count, true, 0) }
      } catch {
        return (count, false, error.code)
      }
    }
    return (count, false, 0)
  }

  /// Sends, as far as the transport takes it, what it owes and then one time of the region's bytes.
  func send(_ region: Region, from start: Int) -> Int32 {
    while true {
      let bytes = socket.offer(region, from: start, key: random())
      if bytes.count == 0 { return 0 }
      let isData = !socket.isControlOffered
      let count = transport(bytes)
      let taken = socket.took(count)
      if isData || count <= 0 { return taken }
    }
  }

  /// Sends bytes with `front` bytes before them, until they have left.
  func send(_ bytes: [UInt8], front: Int = 16) {
    let memory = Memory([UInt8](repeating: 0xEE, count: front) + bytes)
    var start = front
    while start < memory.region.count { start += Int(send(memory.region, from: start)) }
  }

  /// Sends what it owes. What left of it.
  func flush() -> [UInt8] {
    left = []
    _ = send(Region.empty, from: 0)
    return left
  }

  func close(_ status: Int) { socket.close(status) }

  /// What of the stream `bytes` bring, when they come `step` at a time.
  func receive(_ bytes: [UInt8], step: Int = .max) throws(Failure) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = min(step, rest.count)
      let memory = Memory(Array(rest.prefix(count)))
      stream += memory.prefix(try socket.receive(memory.region, count))
      rest = rest.dropFirst(count)
    }
    return stream
  }

  /// How that fails; 0 when it does not.
  func refuses(_ bytes: [UInt8]) -> Int32 {
    do throws(Failure) {
      _ = try receive(bytes)
      return 0
    } catch {
      return error.code
    }
  }
}

extension Region {
  var array: [UInt8] { (0..<count).map { self[$0] } }
}

/// A frame as a server sends it, of up to 65,535 bytes.
func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
  let length =
    payload.count < 126 ? [UInt8(payload.count)] : [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
  return [first] + length + payload
}

/// The frame that a client has sent, unmasked: first byte, payload and what follows.
func unmask(_ bytes: [UInt8]) -> (first: UInt8, payload: [UInt8], rest: [UInt8])? {
  guard bytes.count >= 6, bytes[1] & 0x80 != 0 else { return nil }
  var length = Int(bytes[1] & 0x7F)
  var place = 2
  if length >= 126 {
    let size = length == 126 ? 2 : 8
    length = bytes[2..<2 + size].reduce(0) { $0 << 8 | Int($1) }
    place += size
  }
  guard bytes.count >= place + 4 + length else { return nil }
  let key = bytes[place..<place + 4].map { $0 }
  let payload = bytes[(place + 4)..<(place + 4 + length)].enumerated().map { $1 ^ key[$0 % 4] }
  return (bytes[0], payload, Array(bytes[(place + 4 + length)...]))
}
