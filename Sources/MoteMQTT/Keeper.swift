package import MoteBytes

/// Keeps messages beyond a loss of power: a function and what it works on.
///
/// The function gets the outbox, the unit of now, and either the offset of an entry that has been stored, whose result
/// below zero refuses it, or a packet identifier below zero: that message is done.
@safe package struct Keeper {
  package typealias Function =
    @convention(c) (
      _ context: UnsafeMutableRawPointer, _ outbox: UnsafeRawPointer, _ now: UInt32, _ what: Int
    ) -> Int32

  private let function: Function
  private let context: UnsafeMutableRawPointer

  /// Borrows `context`. Unsafe, because the compiler cannot see what the function does with it.
  @unsafe package init(_ function: Function, context: UnsafeMutableRawPointer) {
    unsafe self.function = function
    unsafe self.context = context
  }

  func keep(_ outbox: Outbox, _ now: UInt32, _ what: Int) -> Int32 {
    // Sound: the function uses the outbox within the call.
    unsafe withUnsafePointer(to: outbox) { unsafe function(context, UnsafeRawPointer($0), now, what) }
  }
}

extension Session {
  /// Has the last entry kept, which begins at `start`; takes it out again when that fails.
  @inline(never) mutating func keep(_ start: Int) throws(Failure) {
    guard let keeper else { return }
    let status = keeper.keep(outbox, latest, start)
    if status < 0 {
      outbox.removeLast(start)
      throw Failure(status)
    }
  }

  /// Says that a message is not kept any longer. When that fails, it comes again after a loss of power.
  @inline(never) mutating func release(_ identifier: Int) {
    guard let keeper, identifier != 0, identifier != pieces.identifier else { return }
    _ = keeper.keep(outbox, latest, 0 &- identifier)
  }

  /// Whether a keeper's messages can be restored: the outbox is empty, and there is neither a connection nor a keeper.
  @inline(__always) package mutating func canRestore(now: UInt64) -> Bool {
    latest = now.coarse
    return phase == .idle && keeper == nil && outbox.head == outbox.tail
  }

  /// Stores a message that was kept, as one that has left before, and may wait for `life` units, or for ever from
  /// 2^31 on. Where its packet goes; nil when there is no room.
  @inline(never) package mutating func restore(_ identifier: Int, length: UInt16, life: UInt32) -> Region? {
    lastIdentifier = identifier
    return outbox.restore(
      identifier, length: Int(length), expiry: Int32(bitPattern: life) < 0 ? .max : latest &+ life)
  }

  /// Has messages kept from now on, after they were restored.
  @inline(__always) package mutating func use(_ keeper: Keeper) {
    self.keeper = keeper
    due = 0
  }
}
