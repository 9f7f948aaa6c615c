/// Writes into a region and counts what it would have written.
///
/// Its error is sticky and has a size: bytes that do not fit are counted and not written, so that `count` is in
/// the end the room that all of it needs, and ``fits`` says whether it was there.
public struct Writer {
  public let region: Region
  /// Bytes written, or that would have been.
  public private(set) var count: Int

  /// Writes into `region` from `offset` on.
  @inlinable public init(_ region: Region, from offset: Int = 0) {
    self.init(region: region, count: offset)
  }

  @usableFromInline init(region: Region, count: Int) {
    self.region = region
    self.count = count
  }

  /// Whether everything written so far had room.
  @inlinable public var fits: Bool { count <= region.count }

  /// What was written, when it fits.
  @inlinable public var written: Region { region.part(0, fits ? count : 0) }

  @inline(never) public mutating func append(_ byte: UInt8) {
    if count < region.count { region[count] = byte }
    advance(1)
  }

  /// Appends a 16-bit number, most significant byte first, as networks have it.
  @inline(never) public mutating func append16(_ value: Int) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  @inline(never) public mutating func append(_ bytes: Span<UInt8>) {
    if bytes.count <= region.count &- count { region.copy(bytes, to: count) }
    advance(bytes.count)
  }

  /// Appends a literal.
  @inlinable public mutating func append(_ literal: StaticString) { append(literal.bytes) }

  /// Goes back to `count` bytes, to write something else after them.
  public mutating func rewind(to count: Int) { self.count = count }

  /// Counts without overflow: what cannot fit any memory stays too large.
  private mutating func advance(_ length: Int) { count = count.saturatingSum(length) }
}
