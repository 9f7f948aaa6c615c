public import MoteBytes

/// Most bytes of an answer's head.
private var mostAnswer: UInt16 { 4_096 }
/// Bytes of the request's key, in base64.
private var keySize: Int { 24 }

extension WebSocket {
  /// Begins a connection anew, over a transport that is open. The nonce: 16 random bytes.
  public mutating func start(_ nonce: InlineArray<4, UInt32>) {
    self = WebSocket(memory)
    for place in 0..<4 { room.store(nonce[place], at: place &<< 2) }
    memory.putFront(of: 16)
  }

  /// What of the request (4.1) is to be sent next, to the server `host`; none when all of it has left. The same is offered until
  /// it was ``asked(_:)``.
  ///
  /// The path is the hub's own. Other servers take any, or can be told to.
  public mutating func asking(host: Region, portNumber: UInt16) -> Region {
    var bytes = host
    if part != 1 {
      var writer = Writer(room)
      if part == 0 {
        writer.append(
          "GET /$iothub/websocket HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: "
        )
      } else if part == 2 {
        writer.append(UInt8(ascii: ":"))
        writer.appendDecimal(UInt64(widened: UInt(portNumber)))
        writer.append("\r\nSec-WebSocket-Key: ")
        writer.append(memory.part(0, keySize).bytes)
        writer.append("\r\n\r\n")
      }
      bytes = writer.written
    }
    return bytes.part(Int(partSent), bytes.count &- Int(partSent))
  }

  /// Says that the first `count` bytes of what was offered have been taken, and whether those were `all`.
  public mutating func asked(_ count: Int, all isAll: Bool) {
    partSent &+= UInt8(truncatingIfNeeded: count)
    guard isAll else { return }
    partSent = 0
    part &+= 1
    if part == 3 { expect() }
  }

  /// Puts the proof that the server has to give in the place of the key (4.2.2).
  private func expect() {
    let blocks = room.part(0, 128)
    for offset in 0..<128 { blocks[offset] = 0 }
    var writer = Writer(blocks)
    writer.append(memory.part(0, keySize).bytes)
    writer.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11\u{0}")
    // A 1 bit behind 60 bytes, and their number of bits.
    blocks[60] = 0x80
    blocks[126] = 1
    blocks[127] = 0xE0
    sha1(blocks)
    memory.putFront(of: 20)
  }

  /// Takes the next byte of the answer. True when that was its last, and the connection is open: what follows is frames.
  public mutating func answer(_ byte: UInt8) throws(Failure) -> Bool {
    answerCount &+= 1
    guard answerCount <= mostAnswer else { throw .webSocketAnswer }
    // Spaces mean nothing in what matters of it, and line feeds alone end lines.
    if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") { return false }
    if byte != UInt8(ascii: "\n") {
      // The last byte is where the next one comes.
      if Int(lineCount) < room.count &- 1 { room[Int(lineCount)] = byte }
      lineCount &+= 1
      return false
    }
    let count = Int(lineCount)
    lineCount = 0
    if status == 0 {
      try takeStatus(room.part(0, min(count, room.count &- 1)))
    } else if count == 0 {
      guard found == 7 else { throw .webSocketAccept }
      return true
    } else if count < room.count {
      // One without room is none that matters.
      try takeHeader(room.part(0, count))
    }
    return false
  }

  /// The status line (RFC 9112, 4).
  private mutating func takeStatus(_ line: Region) throws(Failure) {
    guard let rest = line.after("http/1."), rest.count >= 4 else { throw .webSocketAnswer }
    var number: UInt16 = 0
    for place in 1..<4 {
      let digit = rest[place] &- UInt8(ascii: "0")
      guard digit < 10 else { throw .webSocketAnswer }
      number = number &* 10 &+ UInt16(truncatingIfNeeded: digit)
    }
    guard number >= 100 else { throw .webSocketAnswer }
    status = number
    guard number == 101 else { throw .webSocketRefused }
    // A server of 1.0 can refuse, and not switch.
    guard rest[0] == UInt8(ascii: "1") else { throw .webSocketAnswer }
  }

  /// A header: those that say whether the server accepts what was asked for.
  private mutating func takeHeader(_ line: Region) throws(Failure) {
    if line.matches("upgrade:websocket") {
      found |= 1
    } else if let list = line.after("connection:") {
      var start = 0
      for offset in 0...list.count where offset == list.count || list[offset] == UInt8(ascii: ",") {
        if list.part(start, offset &- start).matches("upgrade") { found |= 2 }
        start = offset &+ 1
      }
    } else if let proof = line.after("sec-websocket-accept:") {
      guard proof.bytes.equals(memory.part(0, WebSocket.frontSize).bytes) else { throw .webSocketAccept }
      found |= 4
    } else if line.matches("sec-websocket-protocol:mqtt") {
      return
    } else if line.after("sec-websocket-protocol") != nil || line.after("sec-websocket-extensions") != nil {
      throw .webSocketAccept
    }
  }
}

extension Region {
  /// Puts the first bytes of a WebSocket's room in front, in base64.
  @inline(never) fileprivate func putFront(of count: Int) {
    var writer = Writer(part(0, WebSocket.frontSize))
    writer.appendBase64(part(WebSocket.frontSize, count).bytes)
  }

  /// What follows `text`, which is in lower case, at the start, whatever the case there; nil when that does not stand there.
  fileprivate func after(_ text: StaticString) -> Region? { after(text.bytes) }

  /// Whether the bytes are those of `text`, likewise.
  fileprivate func matches(_ text: StaticString) -> Bool { matches(text.bytes) }

  @inline(never) private func matches(_ text: Span<UInt8>) -> Bool { after(text)?.count == 0 }

  @inline(never) private func after(_ text: Span<UInt8>) -> Region? {
    guard text.count <= count else { return nil }
    for offset in text.indices {
      var byte = self[offset]
      if byte &- UInt8(ascii: "A") < 26 { byte |= 0x20 }
      if byte != text[offset] { return nil }
    }
    return part(text.count, count &- text.count)
  }
}
