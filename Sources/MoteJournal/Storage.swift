import CMote

/// The caller's pages: a copy of its `mote_storage`, so that a call is one load and one branch.
@safe struct Storage {
  private let context: UnsafeMutableRawPointer?
  private let reading: @convention(c) (UnsafeMutableRawPointer?, UInt32, UnsafeMutablePointer<UInt8>?, Int) -> Int32
  private let writing: @convention(c) (UnsafeMutableRawPointer?, UInt32, UnsafePointer<UInt8>?, Int) -> Int32

  /// Nil when there is neither a function to read nor one to write. Unsafe, because the compiler cannot see how long the
  /// context lives.
  @unsafe init?(_ storage: mote_storage) {
    guard let read = unsafe storage.read, let write = unsafe storage.write else { return nil }
    unsafe context = storage.context
    unsafe reading = read
    unsafe writing = write
  }

  /// Reads `count` bytes at `offset`. A status. Unsafe: `bytes` has room for them.
  @unsafe func read(_ offset: Int, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
    unsafe reading(context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self), count)
  }

  /// Writes `count` bytes at `offset`. A status. Unsafe: `bytes` has them.
  @unsafe func write(_ offset: Int, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int32 {
    unsafe writing(context, UInt32(truncatingIfNeeded: offset), bytes?.assumingMemoryBound(to: UInt8.self), count)
  }
}
