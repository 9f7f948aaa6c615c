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

/// The bytes that hexadecimal digits stand for; spaces between them are for the eye.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 255) }
  precondition(digits.count % 2 == 0 && digits.allSatisfy { $0 < 16 })
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
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
