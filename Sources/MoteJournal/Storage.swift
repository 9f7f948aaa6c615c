import CMote

/// The caller's pages. Static functions with the arguments in C's order, so that none has to be moved.
@safe struct Storage {
  private let storage: UnsafePointer<mote_storage>

  /// Borrows `storage`, which has both functions. Unsafe, because the compiler cannot see how long it lives.
  @unsafe init(_ storage: UnsafePointer<mote_storage>) { unsafe self.storage = storage }

  /// Reads `count` bytes at `offset`. A status. Unsafe: `bytes` has room for them.
  @unsafe @inline(never) static func read(
    _ pages: Storage, _ offset: Int, _ bytes: UnsafeMutableRawPointer?, _ count: Int
  ) -> Int32 {
    let read = unsafe pages.storage.pointee.read.unsafelyUnwrapped
    return unsafe read(
      pages.storage.pointee.context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self),
      count)
  }

  /// Writes `count` bytes at `offset`. A status. Unsafe: `bytes` has them.
  @unsafe @inline(never) static func write(
    _ pages: Storage, _ offset: Int, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int32 {
    let write = unsafe pages.storage.pointee.write.unsafelyUnwrapped
    return unsafe write(
      pages.storage.pointee.context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self),
      count)
  }
}
