import MoteBytes

/// Messages at most once that wait one behind the other leave together, in one TLS record. Meanwhile they are one entry,
/// with the headers of the others behind the first one's, the last first:
///
/// ```
/// | header 1 | header 3 | header 2 | packet 1 | packet 2 | packet 3 |
/// ```
extension Outbox {
  /// Most bytes of packets that leave together: a TCP segment has room for them and their record.
  private static var mostJoined: Int { 1_400 }

  /// Joins the message at the cursor with what is behind it. Where the packets start, from the cursor on, and where they end.
  @inline(never) mutating func join() -> (start: Int, end: Int) {
    let first = Entry(region, at: cursor)
    var start = first.start
    var end = first.end
    repeat {
      let next = Entry(region, at: end)
      guard next.identifier == 0 && !next.isDropped && next.end &- start <= Outbox.mostJoined else { break }
      region.exchange(first.start, end, next.start)
      start &+= next.start &- end
      end = next.end
    } while end < tail
    Entry(first, endingAt: end).store(in: region)
    return (start &- cursor, end &- cursor)
  }

  /// Undoes ``join()``, whose packets start at `start` from the cursor on, and takes out those that have begun to leave: the
  /// first `count` bytes have left.
  @inline(never) mutating func separate(_ start: Int, left count: Int) {
    let first = Entry(region, at: cursor)
    var start = cursor &+ start
    var end = first.end
    while start > first.start {
      let last = Entry(region, at: first.start)
      let place = end &- last.size
      let room = last.start &- first.start
      // The others have begun too.
      if place &+ room < start &+ count { break }
      region.exchange(first.start, last.start, place &+ room)
      start &-= room
      end = place
    }
    let rest = Entry(first, endingAt: end)
    rest.store(in: region)
    if count > 0 { remove(rest) }
  }
}
