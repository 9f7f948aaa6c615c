/// Reads bytes in order, up to an end. Its error is sticky: past the end everything reads as zero or empty, and
/// ``failed`` says so once for all.
public struct Reader {
  public let region: Region
  /// Offset of the next byte in the region.
  public private(set) var position: Int
  /// Where reading stops.
  public let end: Int
  /// Whether something was asked for beyond the end.
  public private(set) var failed = false

  /// Reads `region` from `start` up to `end`.
  public init(_ region: Region, from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end && end <= region.count)
    self.region = region
    self.position = start
    self.end = end
  }

  /// Bytes that are left.
  public var remaining: Int { end &- position }

  @inline(never) public mutating func byte() -> UInt8 {
    guard position < end else {
      failed = true
      return 0
    }
    let byte = region[position]
    position &+= 1
    return byte
  }

  /// A 16-bit number, most significant byte first.
  @inline(never) public mutating func number16() -> Int {
    let high = Int(byte())
    return high << 8 | Int(byte())
  }

  /// Passes over `count` bytes. Their offset, or the end when there are fewer.
  @inline(never) public mutating func skip(_ count: Int) -> Int {
    guard count >= 0 && count <= remaining else {
      failed = true
      position = end
      return end
    }
    let start = position
    position &+= count
    return start
  }
}
