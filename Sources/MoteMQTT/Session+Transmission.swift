public import MoteBytes

/// What is leaving: a part of the receive buffer (CONNECT), of the outbox's scratch, or of its entry at the cursor.
struct Transmitter {
  enum Kind: UInt8 {
    case none
    case connect
    case acknowledgement
    case ping
    case disconnect
    case entry
  }

  var kind = Kind.none
  /// Where it started, of messages that leave together: their entry does not say.
  private(set) var first: UInt16 = 0
  /// What is left of it, from the start of the receive buffer, the scratch or the entry.
  private(set) var start = 0
  private(set) var end = 0

  init() {}

  init(_ kind: Kind, from start: Int, to end: Int) {
    self.kind = kind
    first = UInt16(truncatingIfNeeded: start)
    self.start = start
    self.end = end
  }

  var count: Int { end &- start }

  mutating func advance(_ count: Int) { start &+= count }

  /// Overwrites a CONNECT, which holds a password.
  @inline(never) func wipe(_ region: Region) {
    guard kind == .connect else { return }
    for offset in 0..<end { region[offset] = 0 }
  }
}

extension Session {
  /// The bytes to send next; none when it is empty. The same bytes are offered until they are ``sent(_:now:)``.
  @inline(__always) public mutating func transmission(now: UInt64) -> Region { outgoing(now: now).bytes }

  /// The same, and how many bytes before them are the session's own memory.
  @inline(__always) public mutating func outgoing(now: UInt64) -> (bytes: Region, front: Int) {
    if transmitter.kind == .none {
      choose(now: now)
      if transmitter.kind == .none { return (.empty, 0) }
    }
    let region = transmitter.kind == .connect ? inbound.region : outbox.region
    let start = (transmitter.kind == .entry ? outbox.cursor : 0) &+ transmitter.start
    return (region.part(start, transmitter.count), start)
  }

  /// Whether `count` bytes have been offered.
  @inline(__always) public mutating func canHaveSent(_ count: Int) -> Bool {
    UInt(bitPattern: count) <= UInt(bitPattern: transmitter.count)
  }

  /// Says that the first `count` bytes of the transmission have been taken.
  @inline(__always) public mutating func sent(_ count: Int, now: UInt64) {
    precondition(canHaveSent(count))
    if count == 0 { return }
    transmitter.advance(count)
    guard transmitter.count == 0 else { return }
    switch transmitter.kind {
    case .none: return
    case .connect:
      transmitter.wipe(inbound.region)
      pingDue = now &+ keepAlive
    case .acknowledgement: deliveries.acknowledged()
    case .ping:
      overdue = now &+ patience
      pingDue = now &+ keepAlive
    case .disconnect: phase = .closed
    case .entry:
      let entry = Outbox.Entry(outbox.region, at: outbox.cursor)
      if entry.identifier == 0 {
        outbox.remove(entry)
      } else {
        if entry.identifier == pieces.identifier && pieces.offset < pieces.total { return }
        if entry.sent { resent &+= 1 }
        entry.markSent(in: outbox.region)
        outbox.cursor = entry.end
        if inFlight == 0 { acknowledgementDue = now &+ patience }
        inFlight &+= 1
        pingDue = now &+ keepAlive
      }
    }
    transmitter.kind = .none
  }

  /// Decides what leaves next: acknowledgements first, then PINGREQ, then entries in their order.
  @inline(__always) private mutating func choose(now: UInt64) {
    guard phase == .connected || phase == .closing else { return }
    let kind: Transmitter.Kind
    // A packet that is no entry: two bytes, or four with an identifier.
    let small: UInt32
    let identifier = deliveries.nextAccepted
    if identifier != 0 {
      kind = .acknowledgement
      small = 0x4002_0000 | UInt32(truncatingIfNeeded: identifier)
    } else if phase == .closing {
      if isDraining && inFlight > 0 { return }
      // What was accepted has been acknowledged: without that, it would come again.
      kind = .disconnect
      small = 0xE000_0000
    } else if overdue == 0 && now >= pingDue {
      kind = .ping
      small = 0xC000_0000
    } else {
      if outbox.cursor < outbox.tail, let entry = nextEntry(now: now) { begin(entry) }
      return
    }
    outbox.region.store(small.bigEndian, at: 0)
    transmitter = Transmitter(kind, from: 0, to: identifier != 0 ? 4 : 2)
  }

  /// Begins with an entry, unless it has to wait for what is in flight.
  @inline(__always) private mutating func begin(_ entry: Outbox.Entry) {
    if entry.identifier != 0 && inFlight >= window { return }
    let region = outbox.region
    // DUP (3.3.1.1), which a SUBSCRIBE has not, and is never sent again.
    let first = region[entry.start] & ~0x08
    region[entry.start] = entry.sent && isResumed ? first | 0x08 : first
    var start = entry.start &- entry.offset
    var end = entry.size
    if entry.identifier == 0 {
      if entry.end < outbox.tail { (start, end) = outbox.join() }
    } else if entry.identifier == pieces.identifier {
      end = pieces.headerSize
    }
    transmitter = Transmitter(.entry, from: start, to: end)
  }

  /// The entry that is to leave next, past what was dropped.
  @inline(__always) private mutating func nextEntry(now: UInt64) -> Outbox.Entry? {
    expire(now: now)
    repeat {
      let entry = Outbox.Entry(outbox.region, at: outbox.cursor)
      if !entry.isDropped { return entry }
      outbox.cursor = entry.end
    } while outbox.cursor < outbox.tail
    return nil
  }
}
