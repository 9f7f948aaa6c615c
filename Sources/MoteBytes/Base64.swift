/// Base64 (RFC 4648, 4): the standard alphabet, padding required, no line breaks.

extension UInt8 {
  /// The six bits that a base64 character stands for; above 63 when it is none.
  @inline(__always) var base64Value: UInt8 {
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    if letter < 26 { return self & 0x20 == 0 ? letter : letter &+ 26 }
    let digit = self &- UInt8(ascii: "0")
    if digit < 10 { return digit &+ 52 }
    return self == UInt8(ascii: "+") ? 62 : self == UInt8(ascii: "/") ? 63 : 64
  }

  /// The base64 character for six bits.
  public init(base64Character value: UInt8) {
    switch value {
    case 0..<26: self = UInt8(ascii: "A") &+ value
    case 26..<52: self = UInt8(ascii: "a") &+ value &- 26
    case 52..<62: self = UInt8(ascii: "0") &+ value &- 52
    case 62: self = UInt8(ascii: "+")
    default: self = UInt8(ascii: "/")
    }
  }
}

extension Writer {
  /// Appends `bytes` in base64, padded; `escaped`: percent-encoded.
  public mutating func appendBase64(_ bytes: Span<UInt8>, escaped: Bool = false) {
    var index = 0
    while index < bytes.count {
      var group: UInt32 = 0
      for place in 0..<3 {
        let offset = index &+ place
        group = group &<< 8 | UInt32(truncatingIfNeeded: offset < bytes.count ? bytes[offset] : 0)
      }
      for place in 0..<4 {
        let isPadding = index &+ place > bytes.count
        let value = UInt8(truncatingIfNeeded: group &>> 18) & 63
        let character: InlineArray<1, UInt8> = .init(
          repeating: isPadding ? UInt8(ascii: "=") : UInt8(base64Character: value))
        if escaped { appendPercentEncoded(character.span) } else { append(character.span) }
        group &<<= 6
      }
      index &+= 3
    }
  }
}

extension Span where Element == UInt8 {
  /// Decodes base64 into `bytes`. How many bytes it is, or nil when it is malformed (length, alphabet, padding,
  /// or bits that an encoder leaves zero) or longer than `bytes`.
  public func decodeBase64(into bytes: inout MutableSpan<UInt8>) -> Int? {
    guard count > 0 && count & 3 == 0 else { return nil }
    let padding = self[count &- 1] != UInt8(ascii: "=") ? 0 : self[count &- 2] != UInt8(ascii: "=") ? 1 : 2
    var bits: UInt32 = 0
    var held = 0
    var length = 0
    var index = 0
    while index < count &- padding {
      let value = self[index].base64Value
      index &+= 1
      guard value < 64 else { return nil }
      bits = bits &<< 6 | UInt32(truncatingIfNeeded: value)
      held &+= 6
      if held >= 8 {
        held &-= 8
        guard length < bytes.count else { return nil }
        bytes[length] = UInt8(truncatingIfNeeded: bits &>> UInt32(truncatingIfNeeded: held))
        length &+= 1
      }
    }
    // One encoding for each value: leftover bits are zero, or two keys in text would be one key.
    let leftover: UInt32 = padding == 0 ? 0 : padding == 1 ? 3 : 15
    return bits & leftover == 0 ? length : nil
  }
}
