// MoteTestSupport: what the unit tests of several rooms need.

public import MoteBytes

/// Owns the memory that a region borrows, with a fence on either side that must be whole in the end.
@safe public final class Memory {
  private static let fence = 16
  private static let mark: UInt8 = 0xA5
  private let start: UnsafeMutablePointer<UInt8>
  private let whole: Int
  public let region: Region

  public init(_ count: Int) {
    whole = count + 2 * Memory.fence
    unsafe start = .allocate(capacity: whole)
    unsafe start.initialize(repeating: Memory.mark, count: whole)
    region = unsafe Region(start: start + Memory.fence, count: count)
  }

  public convenience init(_ bytes: [UInt8]) {
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
  public func prefix(_ count: Int) -> [UInt8] { (0..<count).map { region[$0] } }
}
