/// The header of a page or a record, in the machine's order, which is the same on all that Mote serves: least byte first.
///
/// | bytes | a page's | a record's |
/// | --- | --- | --- |
/// | 0–3 | CRC-32 of the other eight | CRC-32 of all that follows, the packet too |
/// | 4–5 | page count, in bits 4–7 the version, 1; in bits 8–12 the unit, less one | packet identifier |
/// | 6–7 | page size, shifted by 8 from byte 4 on, which is a multiple of 32 | length of the packet; 0: the message is done |
/// | 8–11 | how many pages have been taken, this one too | how long the message may still wait, in units of 1,024 ms; 0x80000000 and more: for ever |
///
/// Behind a record's header the packet as it leaves; behind both 0xFF up to the next unit.
struct Header {
  var checksum: UInt32 = .max
  var first: UInt32 = .max
  var second: UInt32 = .max

  static var size: Int { 12 }
  /// The version, where a page's header has it.
  static var version: UInt32 { 0x10 }

  /// What reading tells in place of a size: there is nothing yet.
  static var erased: Int { 1 }
  /// Likewise: the checksum is another.
  static var torn: Int { 0 }

  var isErased: Bool { checksum & first & second == .max }
}

/// What fills the last unit of a record.
struct Unit {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (.max, .max, .max, .max)
}

/// CRC-32 (IEEE 802.3) of bytes, after what `crc` is of; 0: of nothing. Unsafe: there are `count` bytes, one
/// at least.
@unsafe @inline(never) func extend(_ crc: UInt32, _ bytes: UnsafeRawPointer, _ count: Int) -> UInt32 {
  var crc = ~crc
  var place = 0
  repeat {
    crc ^= unsafe UInt32(bytes.load(fromByteOffset: place, as: UInt8.self))
    place &+= 1
    var bits = 8
    while bits > 0 {
      crc = crc &>> 1 ^ (0xEDB8_8320 & (0 &- (crc & 1)))
      bits &-= 1
    }
  } while place < count
  return ~crc
}
