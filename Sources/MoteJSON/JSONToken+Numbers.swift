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
    let (end, point, exponent) = parts()
    // How many of the digits count; zeros follow when there are fewer.
    let counted = point &+ exponent &+ decimals
    var magnitude: UInt64 = 0
    var rounding: UInt8 = 0
    var isExact = true
    var place = 0
    var index = 0
    while index < end || (place < counted && magnitude != 0) {
      var digit: UInt8 = 0
      if index < end {
        digit = text[index] &- UInt8(ascii: "0")
        index &+= 1
        // The minus and the point.
        guard digit < 10 else { continue }
      }
      if place < counted {
        guard magnitude <= UInt64(Int64.max / 10) else { throw .jsonRange }
        magnitude = magnitude &* 10 &+ UInt64(widened: UInt(digit))
      } else {
        if place == counted { rounding = digit }
        if digit != 0 { isExact = false }
      }
      place &+= 1
    }
    if rounding >= 5 { magnitude &+= 1 }
    let isNegative = text[0] == UInt8(ascii: "-")
    guard magnitude <= UInt64(Int64.max) &+ (isNegative ? 1 : 0) else { throw .jsonRange }
    let value = Int64(bitPattern: magnitude)
    return (isNegative ? 0 &- value : value, isExact)
  }

  /// Where the digits of a number end, how many of them stand before the point, and its exponent, which is near enough when it
  /// is too large to matter.
  private func parts() -> (end: Int, point: Int, exponent: Int) {
    var index = 0
    var digits = 0
    var point: Int?
    while index < text.count {
      let byte = text[index]
      if byte | 0x20 == UInt8(ascii: "e") { break }
      index &+= 1
      if byte == UInt8(ascii: ".") { point = digits }
      if byte &- UInt8(ascii: "0") < 10 { digits &+= 1 }
    }
    var exponent = 0
    var sign = index &+ 1
    while sign < text.count {
      let digit = text[sign] &- UInt8(ascii: "0")
      sign &+= 1
      if digit < 10 && exponent < Int.max / 20 { exponent = exponent &* 10 &+ Int(digit) }
    }
    let isNegative = index &+ 1 < text.count && text[index &+ 1] == UInt8(ascii: "-")
    return (index, point ?? digits, isNegative ? 0 &- exponent : exponent)
  }
}
