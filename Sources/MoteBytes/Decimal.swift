extension Writer {
  /// Appends a number in decimal, divided by ten to the power of `decimals`, which is 18 at most: the last digits stand behind a
  /// point.
  public mutating func appendDecimal(_ value: UInt64, decimals: Int = 0) {
    var digits: InlineArray<20, UInt8> = .init(repeating: 0)
    var rest = value
    var count = 0
    repeat {
      digits[count] = UInt8(ascii: "0") &+ rest.divideByTen()
      count &+= 1
    } while rest != 0 || count <= decimals
    while count > 0 {
      if count == decimals { append(UInt8(ascii: ".")) }
      count &-= 1
      append(digits[count])
    }
  }
}

extension UInt64 {
  /// Divides by ten, sixteen bits at a time and by multiplying, since division costs a library routine on small cores.
  /// The result is the remainder.
  public mutating func divideByTen() -> UInt8 {
    var remainder: UInt32 = 0
    var parts = 4
    repeat {
      let part = remainder &<< 16 | UInt32(truncatingIfNeeded: self &>> 48)
      // 2²³ / 10, rounded up by 0.2: exact for all below 2²². Here there are no more than 9 × 2¹⁶ + 2¹⁶.
      let quotient = UInt32(truncatingIfNeeded: (UInt64(widened: UInt(part)) &* 838_861) &>> 23)
      self = self &<< 16 | UInt64(widened: UInt(quotient))
      remainder = part &- quotient &* 10
      parts &-= 1
    } while parts > 0
    return UInt8(truncatingIfNeeded: remainder)
  }

  /// A number that is never larger than this type, whatever the platform. (Embedded Swift cannot convert a
  /// smaller integer to 64 bits on 32-bit targets without the heap.)
  @inlinable public init(widened value: UInt) { self.init(_truncatingBits: value) }
}

extension Span where Element == UInt8 {
  /// The number that the bytes are in decimal, or nil when they are anything else, or above `limit`.
  public func decimal(limit: Int) -> Int? {
    var value = 0
    for index in indices {
      let digit = Int(self[index] &- UInt8(ascii: "0"))
      guard digit < 10, digit <= limit, value <= (limit &- digit) / 10 else { return nil }
      value = value &* 10 &+ digit
    }
    return count > 0 ? value : nil
  }

  /// Whether the bytes are those of `other`.
  public func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}

extension Int {
  /// The sum, or the largest number when that is larger.
  @inlinable public func saturatingSum(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? Int.max : sum
  }
}
