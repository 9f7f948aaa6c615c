/// Base64 (RFC 4648, 4): the standard alphabet, padding required, no line breaks.

extension UInt8 {
  /// The six bits that a base64 character stands for, or nil.
  var base64Value: UInt8? {
    switch self {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): self &- UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): self &- UInt8(ascii: "a") &+ 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0") &+ 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  /// The base64 character for six bits.
  init(base64Character value: UInt8) {
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
  /// Appends `bytes` in base64, padded.
  public mutating func appendBase64(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      var group: UInt32 = 0
      for place in index..<index &+ 3 {
        group = group << 8 | UInt32(truncatingIfNeeded: place < bytes.count ? bytes[place] : 0)
      }
      for place in 0..<4 {
        if index &+ place > bytes.count {
          append(UInt8(ascii: "="))
        } else {
          append(UInt8(base64Character: UInt8(truncatingIfNeeded: group >> 18) & 63))
        }
        group <<= 6
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
    for index in 0..<count &- padding {
      guard let value = self[index].base64Value else { return nil }
      bits = bits << 6 | UInt32(truncatingIfNeeded: value)
      held &+= 6
      if held >= 8 {
        held &-= 8
        guard length < bytes.count else { return nil }
        bytes[length] = UInt8(truncatingIfNeeded: bits >> UInt32(truncatingIfNeeded: held))
        length &+= 1
      }
    }
    // One encoding for each value: leftover bits are zero, or two keys in text would be one key.
    let leftover: UInt32 = padding == 0 ? 0 : padding == 1 ? 3 : 15
    return bits & leftover == 0 ? length : nil
  }
}
