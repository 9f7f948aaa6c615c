import MoteBytes

/// The header of a record, in the machine's order, which is the same on all that Mote serves: least byte first.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | CRC-32 of all that follows, the packet too |
/// | 4–5 | packet identifier |
/// | 6–7 | length of the packet |
/// | 8–10 | how long it may still wait, in units of 1,024 ms; 0xFFFFFF: for ever |
/// | 11 | kind |
///
/// Behind it, the packet as it leaves, and 0xFF up to the next unit.
struct Record {
  enum Kind: UInt8 {
    case none
    case message
    case done
    /// The page has all that matters of the oldest.
    case copied
  }

  private(set) var checksum: UInt32 = 0
  private var numbers: UInt32 = 0
  private var rest: UInt32 = 0

  static var size: Int { 12 }
  static var noEnd: UInt32 { 0xFF_FFFF }

  init() {}

  init(_ kind: Kind, identifier: Int, length: Int, life: UInt32) {
    numbers = UInt32(truncatingIfNeeded: identifier | length &<< 16)
    rest = life | UInt32(kind.rawValue) &<< 24
  }

  /// The twelve bytes at the start of a region, whatever they are.
  init(_ region: Region) {
    checksum = region.load(0, as: UInt32.self)
    numbers = region.load(4, as: UInt32.self)
    rest = region.load(8, as: UInt32.self)
  }

  func store(in region: Region) {
    region.store(checksum, at: 0)
    region.store(numbers, at: 4)
    region.store(rest, at: 8)
  }

  var identifier: Int { Int(truncatingIfNeeded: numbers & 0xFFFF) }
  var length: Int { Int(truncatingIfNeeded: numbers &>> 16) }
  var life: UInt32 { rest & Record.noEnd }
  var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: rest &>> 24)) ?? .none }

  /// The checksum so far, of what the header holds.
  var start: UInt32 {
    mutating get {
      unsafe withUnsafeBytes(of: &self) { unsafe $0.baseAddress.map { unsafe extend(.max, $0 + 4, 8) } ?? 0 }
    }
  }

  /// Gives a record without a packet its checksum.
  mutating func seal() { checksum = ~start }
}

/// The header of a page.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | CRC-32 of the other twelve |
/// | 4–5 | `MJ` |
/// | 6–7 | version, 1; another one changes nothing of these 16 bytes |
/// | 8–11 | page size, shifted by 14, and page count; a size of 65,536 is 0x40000000 |
/// | 12–15 | how many pages were taken before this |
struct PageHeader {
  private var checksum: UInt32 = 0
  private var name: UInt32 = 0
  private var geometry: UInt32 = 0
  private(set) var sequence: UInt32 = 0

  static var size: Int { 16 }

  init() {}

  init(pageSize: Int, pageCount: Int, sequence: UInt32) {
    name = 0x0001_4A4D
    geometry = UInt32(truncatingIfNeeded: pageSize &<< 14 | pageCount)
    self.sequence = sequence
    checksum = sum
  }

  private var sum: UInt32 {
    mutating get {
      unsafe withUnsafeBytes(of: &self) { unsafe $0.baseAddress.map { unsafe ~extend(.max, $0 + 4, 12) } ?? 0 }
    }
  }

  /// Whether it is a header, be it of another version.
  var isWhole: Bool { mutating get { checksum == sum && name & 0xFFFF == 0x4A4D } }
  /// Whether it is one of this version and of pages like those of `other`.
  func isLike(_ other: PageHeader) -> Bool { name == other.name && geometry == other.geometry }
  var isErased: Bool { checksum & name & geometry & sequence == .max }
}

/// What fills the last unit of a record.
struct Unit {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (.max, .max, .max, .max)
}

/// The CRC-32 of each half of a byte.
private let halves: InlineArray<16, UInt32> = [
  0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC, 0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158, 0x5005_713C,
  0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C, 0x9B64_C2B0, 0x86D3_D2D4, 0xA00A_E278, 0xBDBD_F21C,
]

/// CRC-32 (IEEE 802.3) of bytes, after what `crc` is of. Neither is complemented. Unsafe: there are `count` bytes.
@unsafe @inline(never) func extend(_ crc: UInt32, _ bytes: UnsafeRawPointer, _ count: Int) -> UInt32 {
  var crc = crc
  for place in 0..<count {
    crc ^= unsafe UInt32(bytes.load(fromByteOffset: place, as: UInt8.self))
    crc = crc &>> 4 ^ halves[Int(crc & 15)]
    crc = crc &>> 4 ^ halves[Int(crc & 15)]
  }
  return crc
}
