/// Writes a text of which a region holds a part, wherever that begins: what stands before the region is passed over, and what
/// stands behind it is counted. So a long text is written piece by piece, and never held.
public struct Window {
  /// Where the next byte goes, from the region's start; below zero before that.
  public private(set) var place: Int
  private let region: Region

  /// A text that goes on at `place`.
  public init(_ region: Region, at place: Int) {
    self.region = region
    self.place = place
  }

  @inline(never) public mutating func append(_ byte: UInt8) {
    // One unsigned comparison: a negative place is a very large one.
    if UInt(bitPattern: place) < UInt(bitPattern: region.count) { region[place] = byte }
    place &+= 1
  }

  @inline(never) public mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }

  public mutating func append(_ literal: StaticString) { append(literal.bytes) }

  /// Appends `bytes`, fewer than 2²³, in base64, padded (RFC 4648, 4). Only what the region holds is looked at.
  @inline(never) public mutating func appendBase64(_ bytes: Span<UInt8>) {
    // Division costs a library routine on small cores. 2²⁴ / 3, rounded up by 2/3: exact for all below 2²³.
    let groups = Int(truncatingIfNeeded: (UInt64(widened: UInt(bitPattern: bytes.count &+ 2)) &* 5_592_406) &>> 24)
    let end = place &+ groups &* 4
    var next = max(place, 0)
    let last = min(end, region.count)
    while next < last {
      // A character stands for six bits, which begin in one byte and may end in the next.
      let bit = (next &- place) &* 6
      let index = bit &>> 3
      if index < bytes.count {
        let pair = Int(bytes[index]) &<< 8 | (index &+ 1 < bytes.count ? Int(bytes[index &+ 1]) : 0)
        region[next] = UInt8(base64Character: UInt8(truncatingIfNeeded: pair &>> (10 &- (bit & 7))) & 63)
      } else {
        region[next] = UInt8(ascii: "=")
      }
      next &+= 1
    }
    place = end
  }
}
