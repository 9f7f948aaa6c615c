extension Writer {
  /// Appends a number in decimal. Divides by subtracting, since 64-bit division costs a library routine on
  /// small cores.
  public mutating func appendDecimal(_ value: UInt64) {
    var digits: InlineArray<20, UInt8> = .init(repeating: 0)
    var rest = value
    var count = 0
    repeat {
      let (quotient, remainder) = rest.dividedByTen
      digits[count] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: remainder)
      rest = quotient
      count &+= 1
    } while rest != 0
    while count > 0 {
      count &-= 1
      append(digits[count])
    }
  }
}

extension UInt64 {
  /// Quotient and remainder by ten, with shifts and additions.
  var dividedByTen: (UInt64, UInt64) {
    // 0.8 = 0.110011001100… in binary; the sum is at most one too small after the shift by 3.
    var quotient = (self &>> 1) &+ (self &>> 2)
    quotient = quotient &+ (quotient &>> 4)
    quotient = quotient &+ (quotient &>> 8)
    quotient = quotient &+ (quotient &>> 16)
    quotient = quotient &+ (quotient &>> 32)
    quotient &>>= 3
    let remainder = self &- quotient &* 10
    return remainder > 9 ? (quotient &+ 1, remainder &- 10) : (quotient, remainder)
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
