public import MoteBytes

extension WebSocket {
  /// Takes the first `count` bytes of `region`, which were received: how many bytes of the stream they bring, which then stand
  /// at its start. What the server asks for waits to leave after that. Not while a control frame is leaving, in whose place
  /// there may be another. After Close nothing counts.
  public mutating func receive(_ region: Region, _ count: Int) throws(Failure) -> Int {
    let bytes = region.part(0, count)
    var end = 0
    for offset in bytes.bytes.indices where !isClosed {
      let byte = bytes[offset]
      if headerCount < 2 &+ lengthSize {
        try takeHeader(byte)
      } else {
        missing &-= 1
        if first & 8 == 0 {
          bytes[end] = byte
          end &+= 1
        } else if isAnswered {
          room[Int(controlEnd)] = byte
          controlEnd &+= 1
        }
      }
      if headerCount == 2 &+ lengthSize && missing == 0 { endFrame() }
    }
    return end
  }

  /// Whether the frame is one that has an answer: Ping or Close, but after Close.
  private var isAnswered: Bool { (first == 0x89 || first == 0x88) && !isClosing }

  /// Takes a byte of a frame's header (5.2).
  private mutating func takeHeader(_ byte: UInt8) throws(Failure) {
    headerCount &+= 1
    if headerCount == 1 {
      try takeFirst(byte)
    } else if headerCount == 2 {
      guard byte & 0x80 == 0 else { throw .webSocketMasked }
      missing = UInt32(truncatingIfNeeded: byte)
      if byte >= 126 {
        guard first & 8 == 0 else { throw .webSocketControl }
        missing = 0
        lengthSize = byte == 126 ? 2 : 8
      }
    } else {
      guard missing &>> 23 == 0 else { throw .webSocketLength }
      missing = missing &<< 8 | UInt32(truncatingIfNeeded: byte)
      // The shortest form is the only one.
      if headerCount == 2 &+ lengthSize && missing < (lengthSize == 2 ? 126 : 0x1_0000) { throw .webSocketLength }
    }
  }

  /// Takes a frame's first byte: whether it ends a message, and what it is.
  private mutating func takeFirst(_ byte: UInt8) throws(Failure) {
    let kind = byte & 0x7F
    if kind == 1 { throw .webSocketText }
    if kind &- 8 < 3 {
      guard byte & 0x80 != 0 else { throw .webSocketControl }
    } else {
      guard kind == (isFragmented ? 0 : 2) else { throw .webSocketFrame }
      isFragmented = byte & 0x80 == 0
    }
    first = byte
    if isAnswered {
      // A Pong that has not begun to leave makes way for that of a later Ping (5.5.3).
      control = 0
      controlEnd = UInt8(truncatingIfNeeded: WebSocket.controlHeaderSize)
    }
  }

  /// The frame is complete: Ping and Close are answered.
  private mutating func endFrame() {
    headerCount = 0
    lengthSize = 0
    if first == 0x88 { isClosed = true }
    guard isAnswered else { return }
    var count = controlEnd &- UInt8(truncatingIfNeeded: WebSocket.controlHeaderSize)
    var answer: UInt8 = 0x8A
    if first == 0x88 {
      // The status that it gave, if any, and not its reason.
      count = count < 2 ? 0 : 2
      answer = 0x88
      isClosing = true
    }
    owe(answer, count)
  }
}
