extension Span where Element == UInt8 {
  /// Whether the bytes are a string as MQTT 3.1.1 wants it (1.5.3): UTF-8 without U+0000.
  @inline(never) public var isMQTTText: Bool {
    if isPlain { return true }
    var character = UTF8Decoder()
    var index = 0
    while index < count {
      let byte = self[index]
      index &+= 1
      guard byte != 0 && character.step(byte) else { return false }
    }
    return character.more == 0
  }
}
