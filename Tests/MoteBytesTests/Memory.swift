import MoteBytes
import Testing

/// Owns the memory that a region borrows, with a fence on either side that must be whole in the end.
@safe final class Memory {
  private static let fence = 16
  private static let mark: UInt8 = 0xA5
  private let start: UnsafeMutablePointer<UInt8>
  private let whole: Int
  let region: Region

  init(_ count: Int) {
    whole = count + 2 * Memory.fence
    unsafe start = .allocate(capacity: whole)
    unsafe start.initialize(repeating: Memory.mark, count: whole)
    region = unsafe Region(start: start + Memory.fence, count: count)
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(bytes.count)
    region.copy(bytes.span, to: 0)
  }

  deinit {
    for place in 0..<Memory.fence {
      unsafe precondition(start[place] == Memory.mark && start[whole - 1 - place] == Memory.mark, "written outside")
    }
    unsafe start.deallocate()
  }

  /// A copy of the first `count` bytes.
  func prefix(_ count: Int) -> [UInt8] { (0..<count).map { region[$0] } }
}

/// What `write` appends with `capacity` bytes of room, or nil when it does not fit; and how long all of it is.
func written(capacity: Int = 256, _ write: (inout Writer) -> Void) -> (bytes: [UInt8]?, count: Int) {
  let memory = Memory(capacity)
  var writer = Writer(memory.region)
  write(&writer)
  return (writer.fits ? memory.prefix(writer.count) : nil, writer.count)
}

/// The text of what `write` appends.
func text(_ write: (inout Writer) -> Void) -> String {
  String(decoding: written(write).bytes ?? [], as: UTF8.self)
}

/// Numbers that are random, and the same in each run (SplitMix64).
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
