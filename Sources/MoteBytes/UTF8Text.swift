extension Span where Element == UInt8 {
  /// Whether the bytes are a string as MQTT 3.1.1 wants it (1.5.3): well-formed UTF-8 (RFC 3629: shortest form,
  /// no surrogates, nothing above U+10FFFF), and no U+0000.
  public var isMQTTText: Bool {
    var index = 0
    while true {
      index = asciiPrefix(from: index)
      if index >= count { return true }
      let length = scalarLength(at: index)
      if length == 0 { return false }
      index &+= length
    }
  }

  /// Where the bytes from `start` on stop being ASCII without NUL, found a machine word at a time.
  @inline(__always) private func asciiPrefix(from start: Int) -> Int {
    let ones = UInt.max / 0xFF
    let highs = ones << 7
    var index = start
    while index <= count &- MemoryLayout<UInt>.size {
      let word = word(at: index)
      // A byte's high bit survives in the first term when the byte is 0, in the second when it is not ASCII.
      if ((word &- ones) | word) & highs != 0 { break }
      index &+= MemoryLayout<UInt>.size
    }
    while index < count, self[index] &- 1 < 0x7F { index &+= 1 }
    return index
  }

  /// Bytes of the well-formed scalar at `index` that is not NUL, or 0.
  @inline(never) private func scalarLength(at index: Int) -> Int {
    let lead = self[index]
    // The second byte's range is narrower for some leads: no overlong forms, surrogates or beyond U+10FFFF.
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    let length: Int
    switch lead {
    case 0x01...0x7F: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if lead == 0xE0 { low = 0xA0 }
      if lead == 0xED { high = 0x9F }
    case 0xF0...0xF4:
      length = 4
      if lead == 0xF0 { low = 0x90 }
      if lead == 0xF4 { high = 0x8F }
    default: return 0
    }
    guard length <= count &- index else { return 0 }
    for next in index &+ 1..<index &+ length {
      let byte = self[next]
      if byte < low || byte > high { return 0 }
      low = 0x80
      high = 0xBF
    }
    return length
  }
}
