import MoteBytes

/// The packets that wait to be sent, or have been sent and wait for their acknowledgement: entries, one after
/// the other in the caller's memory, oldest first.
///
/// ```
/// | scratch | free | sent, unacknowledged | to be sent | free |
///                  head                   cursor       tail
/// ```
///
/// An entry is a header of eight bytes (its size; packet identifier, filters, flags, start of the packet), room
/// for the longest fixed header, and the packet, so that what leaves is contiguous and never copied again.
struct Outbox {
  let region: Region
  private(set) var head = Outbox.base
  private(set) var tail = Outbox.base
  /// The first entry that has not wholly left.
  var cursor = Outbox.base

  /// Bytes kept in front for a small packet that is no entry: PUBACK, PINGREQ, DISCONNECT.
  static let base = 4
  /// From an entry's start to its packet's variable header.
  static let bodyOffset = 8 + fixedHeaderRoom

  struct Entry {
    var offset: Int
    var size: Int
    /// Packet identifier; 0 for a message at most once.
    var identifier: Int
    /// How many filters a SUBSCRIBE has.
    var filters: Int
    /// Whether all of it has left at least once, in a session that the server may have kept.
    var sent: Bool
    /// Where its packet starts.
    var start: Int
  }

  init(_ region: Region) { self.region = region }

  /// The entry at `offset`.
  @inline(never) func entry(at offset: Int) -> Entry {
    let word = region.number32(at: offset &+ 4)
    return Entry(
      offset: offset, size: Int(truncatingIfNeeded: region.number32(at: offset)),
      identifier: Int(truncatingIfNeeded: word >> 16), filters: Int(truncatingIfNeeded: word >> 8 & 0xFF),
      sent: word & 0x80 != 0, start: offset &+ Int(truncatingIfNeeded: word & 0x0F))
  }

  /// Whether the entry at the cursor waits for an acknowledgement.
  var cursorIsAcknowledged: Bool { region.number32(at: cursor &+ 4) >> 16 != 0 }

  /// Writes back what an entry's header says.
  @inline(never) func store(_ entry: Entry) {
    region.set(number32: UInt32(truncatingIfNeeded: entry.size), at: entry.offset)
    let sent: Int = entry.sent ? 0x80 : 0
    let word = entry.identifier << 16 | entry.filters << 8 | sent | (entry.start &- entry.offset)
    region.set(number32: UInt32(truncatingIfNeeded: word), at: entry.offset &+ 4)
  }

  /// Makes `entry`, which was written behind the last one, part of the outbox.
  mutating func append(_ entry: Entry) {
    store(entry)
    tail = entry.offset &+ entry.size
  }

  /// Moves the entries to the front when fewer than `room` bytes are free behind them. By how many bytes they
  /// moved.
  @inline(never) mutating func makeRoom(_ room: Int) -> Int {
    let shift = head &- Outbox.base
    if region.count &- tail >= room || shift == 0 { return 0 }
    region.copy(region.part(head, tail &- head).bytes, to: Outbox.base)
    head &-= shift
    tail &-= shift
    cursor &-= shift
    return shift
  }

  /// Takes an entry out. By how many bytes the entries behind it moved.
  @inline(never) mutating func remove(_ entry: Entry) -> Int {
    let next = entry.offset &+ entry.size
    if entry.offset == head {
      head = next
      if cursor < head { cursor = head }
      if head == tail {
        head = Outbox.base
        tail = Outbox.base
        cursor = Outbox.base
      }
      return 0
    }
    region.copy(region.part(next, tail &- next).bytes, to: entry.offset)
    tail &-= entry.size
    if cursor > entry.offset { cursor &-= entry.size }
    return entry.size
  }

  /// The packet identifier that has been in flight for longest, or 0.
  func oldestIdentifier() -> Int {
    var offset = head
    while offset < tail {
      let entry = entry(at: offset)
      if entry.identifier != 0 { return entry.identifier }
      offset &+= entry.size
    }
    return 0
  }
}
