import CMote

/// The caller's pages.
@safe struct Storage {
  private let storage: UnsafePointer<mote_storage>

  /// Borrows `storage`. Unsafe, because the compiler cannot see how long it lives.
  @unsafe init(_ storage: UnsafePointer<mote_storage>) { unsafe self.storage = storage }

  /// Reads `count` bytes at `offset`. Unsafe: `bytes` has room for them.
  @unsafe @inline(never) func read(_ offset: Int, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Bool {
    unsafe storage.pointee.read(
      storage.pointee.context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self), count)
      >= 0
  }

  /// Writes `count` bytes at `offset`. Unsafe: `bytes` has them.
  @unsafe @inline(never) func write(_ offset: Int, _ bytes: UnsafeRawPointer?, _ count: Int) -> Bool {
    unsafe storage.pointee.write(
      storage.pointee.context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self), count)
      >= 0
  }
}
