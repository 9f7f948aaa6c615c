public import MoteBytes

/// Numbers without floating point.
extension JSONToken {
  /// The number as an integer: 21, also when it is written `2.1e1`. Throws ``MoteBytes/Failure/jsonKind`` when the token is
  /// no number, only a part of one, or has a fraction; ``MoteBytes/Failure/jsonRange`` when it is beyond 64 bits.
  public func integer() throws(Failure) -> Int64 {
    let (value, isExact) = try fixedPoint(decimals: 0)
    guard isExact else { throw .jsonKind }
    return value
  }

  /// The number times ten to the power of `decimals` (0 to 18), rounded to the nearest integer, halves away from zero, and
  /// whether it did not have to be rounded: 21.57 is 216 with one decimal, and not exact. Throws as ``integer()`` does, but
  /// for a fraction.
  public func fixedPoint(decimals: Int) throws(Failure) -> (value: Int64, isExact: Bool) {
    guard kind == .number && isWhole && decimals >= 0 && decimals <= 18 else { throw .jsonKind }
    // How many of the digits count; zeros follow when there are fewer.
    var counted = decimals
    var isFraction = false
    var index = 0
    while index < text.count && text[index] | 0x20 != UInt8(ascii: "e") {
      if text[index] == UInt8(ascii: ".") { isFraction = true }
      if !isFraction && text[index].isDigit { counted &+= 1 }
      index &+= 1
    }
    let end = index
    var exponent = 0
    while index < text.count {
      // Near enough when it is too large to matter.
      if text[index].isDigit && exponent < Int.max / 20 { exponent = exponent &* 10 &+ text[index].digit }
      index &+= 1
    }
    if end &+ 1 < text.count && text[end &+ 1] == UInt8(ascii: "-") { exponent = 0 &- exponent }
    counted &+= exponent

    var magnitude: UInt64 = 0
    var rounding = 0
    var isExact = true
    index = 0
    while index < end || (counted > 0 && magnitude != 0) {
      var digit = 0
      if index < end {
        digit = text[index].digit
        index &+= 1
        // The minus and the point.
        if digit >= 10 { continue }
      }
      counted &-= 1
      if counted >= 0 {
        guard magnitude <= UInt64(Int64.max / 10) else { throw .jsonRange }
        magnitude = magnitude &* 10 &+ UInt64(widened: UInt(bitPattern: digit))
      } else {
        if counted == -1 { rounding = digit }
        if digit != 0 { isExact = false }
      }
    }
    if rounding >= 5 { magnitude &+= 1 }
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    let value = Int64(bitPattern: isNegative ? 0 &- magnitude : magnitude)
    guard magnitude == 0 || isNegative == (value < 0) else { throw .jsonRange }
    return (value, isExact)
  }
}

extension UInt8 {
  /// The value of a decimal digit; 10 and above for other bytes.
  fileprivate var digit: Int { Int(self &- UInt8(ascii: "0")) }
  fileprivate var isDigit: Bool { digit < 10 }
}
