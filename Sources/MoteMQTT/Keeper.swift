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

  /// Begins to restore what a keeper has: not within a connection, and into an empty outbox.
  package mutating func restores(now: UInt64) -> Bool {
    latest = now.coarse
    return phase == .idle && keeper == nil && outbox.head == outbox.tail
  }

  /// Makes an entry of a message that was kept, in the order of the packet identifiers, and counts as one that has left
  /// before. Where its packet goes; nil when there is no room.
  package mutating func restore(identifier: Int, length: Int, life: UInt32) -> Region? {
    let size = Outbox.Entry.headerSize &+ length
    outbox.makeRoom(size)
    guard size <= outbox.region.count &- outbox.tail else { return nil }
    var offset = outbox.head
    while offset < outbox.tail {
      let entry = Outbox.Entry(outbox.region, at: offset)
      // Which came first, in numbers that begin again.
      if Int16(truncatingIfNeeded: identifier &- entry.identifier) < 0 { break }
      offset = entry.end
    }
    let time = life == .max ? life : latest &+ life
    due = min(due, time)
    let start = offset &+ Outbox.Entry.headerSize
    outbox.insert(
      Outbox.Entry(offset: offset, size: size, identifier: identifier, filters: 0, start: start), expiry: time)
    return outbox.region.part(start, length)
  }

  /// The message with a packet identifier.
  package mutating func stored(_ identifier: Int) -> Outbox.Entry? { outbox.message(identifier) }

  /// Takes out a message that was restored and is done.
  package mutating func remove(_ entry: Outbox.Entry) { outbox.remove(entry) }

  /// The outbox, to look at.
  package var keptOutbox: Outbox { mutating get { outbox } }

  /// Has messages kept from now on. How many were restored.
  package mutating func use(_ keeper: Keeper) -> Int {
    self.keeper = keeper
    var count = 0
    var offset = outbox.head
    while offset < outbox.tail {
      let entry = Outbox.Entry(outbox.region, at: offset)
      lastIdentifier = entry.identifier
      offset = entry.end
      count &+= 1
    }
    return count
  }

  /// Forgets what was restored so far.
  package mutating func forgetRestored() { outbox = Outbox(outbox.region) }
}
