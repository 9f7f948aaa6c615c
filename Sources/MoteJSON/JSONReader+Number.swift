import MoteBytes

/// Numbers (6). The three lowest bits of a place in one are the part that was read last: 0 nothing, or the minus; 1 a first
/// digit that is zero; 2 digits; 3 the point; 4 digits behind it; 5 `e`; 6 its sign; 7 its digits.
extension JSONReader.Place {
  var isInNumber: Bool { bits >= JSONReader.Place.number.bits }

  /// Whether a number may end here.
  var endsNumber: Bool { isInNumber && 0b1001_0110 &>> (bits & 7) & 1 != 0 }
}

extension JSONReader {
  /// A byte of a number, or behind one.
  mutating func takeNumber(_ byte: UInt8) -> Step {
    // Four bits for each part from the right: the part that the byte continues it with; 0 for none.
    var parts: UInt32 = 0
    if byte &- UInt8(ascii: "0") < 10 {
      parts = byte == UInt8(ascii: "0") ? 0x7774_4201 : 0x7774_4202
    } else if byte == UInt8(ascii: ".") {
      parts = 0x0000_0330
    } else if byte | 0x20 == UInt8(ascii: "e") {
      parts = 0x0005_0550
    } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") {
      parts = 0x0060_0000
    }
    let part = UInt8(truncatingIfNeeded: parts &>> (UInt32(place.bits & 7) &* 4)) & 7
    if part == 0 { return place.endsNumber ? .ended : fail(.jsonNumber) }
    place = Place(bits: Place.number.bits | part)
    return .kept
  }
}
