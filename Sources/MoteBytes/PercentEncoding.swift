/// Percent-encoding (RFC 3986, 2.1) as IoT Hub uses it everywhere: on UTF-8 bytes, a space is `%20`, and `+`
/// means itself.

extension UInt8 {
  /// The value of a hexadecimal digit of either case; 16 for what is none.
  @inline(never) public var hexadecimalValue: UInt8 {
    let digit = self &- UInt8(ascii: "0")
    if digit < 10 { return digit }
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : 16
  }

  /// A hexadecimal digit, in upper case.
  @inline(__always) public init(hexadecimalDigit value: UInt8) {
    self = value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &- 10 &+ value
  }

  /// Whether RFC 3986 leaves the byte bare (2.3).
  @inline(__always) var isUnreserved: Bool {
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    if letter < 26 || self &- UInt8(ascii: "0") < 10 { return true }
    return self == UInt8(ascii: "-") || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
      || self == UInt8(ascii: "~")
  }
}

extension Writer {
  /// Appends `bytes` with everything but unreserved characters as `%XX`, in upper case.
  @inline(never) public mutating func appendPercentEncoded(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      let byte = bytes[index]
      if byte.isUnreserved {
        append(byte)
      } else {
        append(UInt8(ascii: "%"))
        append(UInt8(hexadecimalDigit: byte >> 4))
        append(UInt8(hexadecimalDigit: byte & 15))
      }
    }
  }

  /// Appends `bytes` with every `%XX` decoded, of either case. False when an escape is malformed; what was
  /// written until then stays.
  public mutating func appendPercentDecoded(_ bytes: Span<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      var byte = bytes[index]
      index &+= 1
      if byte == UInt8(ascii: "%") {
        guard index &+ 1 < bytes.count else { return false }
        let high = bytes[index].hexadecimalValue
        let low = bytes[index &+ 1].hexadecimalValue
        guard high | low < 16 else { return false }
        byte = high << 4 | low
        index &+= 2
      }
      append(byte)
    }
    return true
  }
}
