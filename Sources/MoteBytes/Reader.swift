/// Reads bytes in order, up to an end.
///
/// Its error is sticky: past the end everything reads as zero, and ``failed`` says so once for all.
public struct Reader {
  let region: Region
  /// Offset of the next byte in the region; beyond the end after a failure.
  public private(set) var position: Int
  /// Where reading stops.
  let end: Int

  /// Reads `region` from `start` up to `end`.
  public init(_ region: Region, from start: Int, to end: Int) {
    self.region = region
    self.position = start
    self.end = end
  }

  /// Whether something was asked for beyond the end.
  public var failed: Bool { position > end }

  /// Bytes that are left; below zero after a failure.
  public var remaining: Int { end &- position }

  @inline(never) public mutating func byte() -> UInt8 {
    let offset = position
    skip(1)
    return failed ? 0 : region[offset]
  }

  /// A 16-bit number, most significant byte first.
  @inline(never) public mutating func number16() -> Int {
    let high = Int(byte())
    return high &<< 8 | Int(byte())
  }

  /// Passes over `count` bytes.
  public mutating func skip(_ count: Int) { position = position.saturatingSum(count) }
}
