import MoteBytes

extension UInt64 {
  /// A time in units of 1,024 ms, which fit a word for 139 years.
  var coarse: UInt32 { UInt32(truncatingIfNeeded: self &>> 10) }

  /// The unit with which a message that expires then does. The one that has begun is waited for, so that nothing expires
  /// before its time; 0, which is no time, becomes one that never comes.
  var unitOfExpiry: UInt32 { (self &- 1) &>> 42 == 0 ? (self &- 1).coarse &+ 1 : .max }
}

extension Session {
  /// Drops what has expired and has not begun to leave.
  @inline(__always) mutating func expire(now: UInt64) {
    latest = now.coarse
    if latest >= due { expire(latest) }
  }

  @inline(never) private mutating func expire(_ now: UInt32) {
    due = .max
    var offset = firstAtRest
    while offset < outbox.tail {
      var entry = Outbox.Entry(outbox.region, at: offset)
      if !entry.isDropped {
        let time = outbox.expiry(entry)
        if time <= now { entry = drop(entry, isExpired: true) } else { due = min(due, time) }
      }
      offset = entry.end
    }
    if untold > 0 { due = 0 }
  }

  /// Takes the oldest message that was dropped or has expired, of those at least once, and has not been told: its token,
  /// and which it was. `none` when there is none. Also without a connection.
  @inline(__always) public mutating func takeDropped(now: UInt64) -> (token: Int, kind: Event.Kind) {
    latest = now.coarse
    return latest >= due ? takeDropped(latest) : (0, .none)
  }

  @inline(never) private mutating func takeDropped(_ now: UInt32) -> (token: Int, kind: Event.Kind) {
    expire(now)
    while untold > 0 {
      var entry = Outbox.Entry(outbox.region, at: outbox.head)
      while !entry.isDropped { entry = Outbox.Entry(outbox.region, at: entry.end) }
      untold &-= 1
      outbox.remove(entry)
      if entry.identifier != 0 { return (entry.identifier, entry.isExpired ? .expired : .dropped) }
    }
    return (0, .none)
  }

  /// The first entry that has not begun to leave by this connection.
  private var firstAtRest: Int {
    mutating get {
      let cursor = outbox.cursor
      return transmitter.kind == .entry ? Outbox.Entry(outbox.region, at: cursor).end : cursor
    }
  }

  /// Drops a message that has not begun to leave. What stays of it, until it is told.
  @inline(never) private mutating func drop(_ entry: Outbox.Entry, isExpired: Bool) -> Outbox.Entry {
    dropped &+= 1
    untold &+= 1
    due = 0
    release(entry.identifier)
    if pieces.identifier == entry.identifier { pieces.identifier = 0 }
    let remains = Outbox.Entry(dropped: entry, isExpired: isExpired)
    outbox.replace(entry, by: remains)
    return remains
  }

  /// Makes `size` bytes free behind the last entry, by dropping messages when the caller wants that and it helps.
  @inline(never) mutating func makeRoom(_ size: Int) throws(Failure) {
    needed = size.saturatingSum(Outbox.base)
    while true {
      let shortage = needed &- (outbox.region.count &- (outbox.tail &- outbox.head))
      if shortage <= 0 { return outbox.makeRoom(.max) }
      var sum = 0
      var victim = Outbox.base
      var offset = whenFull == .refuses ? outbox.tail : firstAtRest
      while offset < outbox.tail {
        let entry = Outbox.Entry(outbox.region, at: offset)
        // What is fleeting answers the hub, or asks it, and somebody waits for that.
        if outbox.packetType(entry) == PacketType.publish && !entry.isFleeting {
          if sum == 0 || whenFull == .dropsNewest { victim = offset }
          sum &+= entry.size &- Outbox.Entry.headerSize
        }
        offset = entry.end
      }
      if sum < shortage { throw needed > outbox.region.count ? .tooLarge : .outboxFull }
      _ = drop(Outbox.Entry(outbox.region, at: victim), isExpired: false)
    }
  }
}
