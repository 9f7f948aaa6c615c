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
  private(set) var start = 0
  private(set) var end = 0

  init() {}

  init(_ kind: Kind, from start: Int, to end: Int) {
    self.kind = kind
    self.start = start
    self.end = end
  }

  var isEmpty: Bool { start == end }

  mutating func advance(_ count: Int) { start &+= count }

  /// Follows an entry that moved towards the front.
  mutating func shift(by count: Int) {
    start &-= count
    end &-= count
  }

  /// Overwrites a CONNECT, which holds a password.
  func wipe(_ region: Region) {
    guard kind == .connect else { return }
    for offset in 0..<end { region[offset] = 0 }
  }
}

extension Session {
  /// The bytes to send next; none when it is empty. The same bytes are offered until they are ``sent(_:now:)``.
  public mutating func transmission(now: UInt64) -> Region {
    if transmitter.kind == .none { choose(now: now) }
    let region = transmitter.kind == .connect ? inbound.region : outbox.region
    return region.part(transmitter.start, transmitter.end &- transmitter.start)
  }

  /// Whether `count` bytes have been offered.
  public func canHaveSent(_ count: Int) -> Bool { count >= 0 && count <= transmitter.end &- transmitter.start }

  /// Says that the first `count` bytes of the transmission have been taken.
  public mutating func sent(_ count: Int, now: UInt64) {
    precondition(canHaveSent(count))
    transmitter.advance(count)
    lastSent = now
    guard transmitter.isEmpty else { return }
    switch transmitter.kind {
    case .none: return
    case .connect: transmitter.wipe(inbound.region)
    case .acknowledgement: deliveries.acknowledged()
    case .ping: overdue = now &+ patience
    case .disconnect: phase = .closed
    case .entry:
      let entry = outbox.entry(at: outbox.cursor)
      if entry.identifier != 0 {
        if entry.identifier == pieces.identifier && pieces.offset < pieces.total { return }
        var entry = entry
        entry.sent = true
        outbox.store(entry)
        outbox.cursor &+= entry.size
        inFlight &+= 1
      } else {
        _ = outbox.remove(entry)
      }
    }
    transmitter = Transmitter()
  }

  /// Decides what leaves next: acknowledgements first, then PINGREQ, then entries in their order.
  private mutating func choose(now: UInt64) {
    if phase == .connected {
      if let identifier = deliveries.nextAccepted {
        offer(.acknowledgement, 0x40, identifier)
      } else if overdue == 0 && now >= lastSent &+ keepAlive {
        offer(.ping, 0xC0, nil)
      } else if outbox.cursor < outbox.tail && (inFlight < window || !outbox.cursorIsAcknowledged) {
        let entry = outbox.entry(at: outbox.cursor)
        let end =
          entry.identifier != 0 && entry.identifier == pieces.identifier
          ? pieces.headerSize : entry.size
        transmitter = Transmitter(.entry, from: entry.start, to: entry.offset &+ end)
      }
    } else if phase == .closing {
      offer(.disconnect, 0xE0, nil)
    }
  }

  /// Writes a packet of two or four bytes into the outbox's scratch.
  private mutating func offer(_ kind: Transmitter.Kind, _ first: UInt8, _ identifier: Int?) {
    outbox.region[0] = first
    outbox.region[1] = identifier == nil ? 0 : 2
    if let identifier { outbox.region.set(number16: identifier, at: 2) }
    transmitter = Transmitter(kind, from: 0, to: identifier == nil ? 2 : 4)
  }
}
