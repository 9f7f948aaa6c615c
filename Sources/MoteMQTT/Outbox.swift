package import MoteBytes

/// The packets that wait to be sent, or have been sent and wait for their acknowledgement: entries, one after
/// the other in the caller's memory, oldest first.
///
/// ```
/// | scratch | free | sent, unacknowledged | to be sent | free |
///                  head                   cursor       tail
/// ```
///
/// An entry is a header of twelve bytes (its size; packet identifier, filters, flags, start of the packet; when it
/// expires), room for the longest fixed header, and the packet, so that what leaves is contiguous and never copied
/// again. Of a message that was dropped the header stays until that is told.
package struct Outbox {
  package internal(set) var region = Region.empty
  package private(set) var head = Outbox.base
  package private(set) var tail = Outbox.base
  /// The first entry that has not wholly left.
  var cursor = Outbox.base

  /// Bytes kept in front for a small packet that is no entry: PUBACK, PINGREQ, DISCONNECT.
  static var base: Int { 4 }
  /// From an entry's start to its packet's variable header.
  static var bodyOffset: Int { Entry.headerSize + fixedHeaderRoom }

  /// An entry's header. Three words, so that it travels in registers.
  package struct Entry {
    package let offset: Int
    let size: Int
    /// Packet identifier (16 bits), filters or 1 for a payload in pieces and for what is fleeting (8), the mark of having
    /// left (1), start of the packet (4).
    private let word: UInt32

    package static var headerSize: Int { 12 }

    /// The header of an entry that has not left. Its packet starts at `start`.
    init(offset: Int, size: Int, identifier: Int, filters: Int, start: Int) {
      self.offset = offset
      self.size = size
      word = UInt32(truncatingIfNeeded: identifier &<< 16 | filters &<< 8 | (start &- offset))
    }

    /// What stays of an entry that was dropped.
    init(dropped entry: Entry, isExpired: Bool) {
      offset = entry.offset
      size = Entry.headerSize
      word = entry.word & 0xFFFF_0000 | (isExpired ? 0x100 : 0)
    }

    /// The same entry, but for its size.
    init(_ entry: Entry, endingAt end: Int) {
      offset = entry.offset
      size = end &- offset
      word = entry.word
    }

    /// The header that stands at `offset`: size and word in one number, for one check.
    @inline(never) package init(_ region: Region, at offset: Int) {
      self.offset = offset
      let header = region.load(offset, as: UInt64.self)
      size = Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: header))
      word = UInt32(truncatingIfNeeded: header &>> 32)
    }

    /// Writes the header where it belongs.
    @inline(__always) func store(in region: Region) { store(word, in: region) }

    private func store(_ word: UInt32, in region: Region) { region.store(stored(word), at: offset) }

    /// Size and word as they are stored.
    private func stored(_ word: UInt32) -> UInt64 {
      UInt64(widened: UInt(word)) &<< 32 | UInt64(widened: UInt(bitPattern: size))
    }

    /// Writes the header where it belongs, all of it.
    @inline(__always) func store(in region: Region, expiry: UInt32) {
      let header = region.part(offset, Entry.headerSize)
      header.store(stored(word), at: 0)
      header.store(expiry, at: 8)
    }

    /// Where the next entry is.
    package var end: Int { offset &+ size }
    /// Packet identifier; 0 for a message at most once.
    package var identifier: Int { Int(truncatingIfNeeded: word &>> 16) }
    /// How many filters a SUBSCRIBE has.
    var filters: Int { Int(truncatingIfNeeded: word &>> 8 & 0xFF) }
    /// Whether it is a message of one connection only: it has no identifier, and is marked.
    var isFleeting: Bool { word &>> 8 == 1 }
    /// Whether its message was dropped: no packet starts with the header.
    var isDropped: Bool { word & 0x0F == 0 }
    /// Whether a message that was dropped had expired.
    var isExpired: Bool { filters != 0 }
    /// Whether it is a message to be kept beyond a loss of power: it has an identifier, and neither filters nor pieces.
    package var isKept: Bool { identifier != 0 && filters == 0 && !isDropped }
    /// Where its packet starts.
    package var start: Int { offset &+ Int(truncatingIfNeeded: word & 0x0F) }
    /// Whether it has begun to leave at least once, in a session that the server may have kept.
    var sent: Bool { word & 0x80 != 0 }

    /// Notes that it has begun to leave.
    @inline(__always) func markSent(in region: Region) { store(word | 0x80, in: region) }
  }

  /// Makes `entry`, whose packet was written behind the last one, part of the outbox.
  @inline(__always) mutating func append(_ entry: Entry, expiry: UInt32) {
    entry.store(in: region, expiry: expiry)
    tail = entry.end
  }

  /// The type of an entry's packet; 0, which no packet has, for one that was dropped: the first byte of its small size.
  func packetType(_ entry: Entry) -> UInt8 { region[entry.start] &>> 4 }

  /// When it expires.
  package func expiry(_ entry: Entry) -> UInt32 { region.load(entry.offset &+ 8, as: UInt32.self) }

  /// Moves the entries to the front when fewer than `room` bytes are free behind them.
  @inline(__always) mutating func makeRoom(_ room: Int) {
    if head > Outbox.base && region.count &- tail < room { moveUp() }
  }

  /// Moves the entries to the front.
  @inline(never) private mutating func moveUp() {
    let gap = head &- Outbox.base
    close(gap: gap, before: head)
    cursor &-= gap
    head = Outbox.base
  }

  /// Replaces an entry at or behind the cursor by what stays of it.
  @inline(__always) mutating func replace(_ entry: Entry, by remains: Entry) {
    close(gap: entry.size &- remains.size, before: entry.end)
    remains.store(in: region)
  }

  /// Takes an entry out.
  @inline(never) package mutating func remove(_ entry: Entry) {
    if entry.offset != head {
      close(gap: entry.size, before: entry.end)
      if cursor > entry.offset { cursor &-= entry.size }
      return
    }
    head = entry.end
    if cursor < head { cursor = head }
    if head == tail {
      // An empty outbox begins anew, so that no entry has to be moved later.
      head = Outbox.base
      tail = Outbox.base
      cursor = Outbox.base
    }
  }

  /// Moves everything from `offset` on `gap` bytes towards the front.
  @inline(never) private mutating func close(gap: Int, before offset: Int) {
    region.copy(region.part(offset, tail &- offset).bytes, to: offset &- gap)
    tail &-= gap
  }

  /// Takes the last entry out, which begins at `start`.
  @inline(__always) mutating func removeLast(_ start: Int) { tail = start }

  /// Makes an entry of a message that was kept, the last one, which counts as one that has left before. Where its packet
  /// goes; nil when there is no room.
  @inline(__always) package mutating func restore(_ identifier: Int, length: Int, expiry: UInt32) -> Region? {
    let size = Entry.headerSize &+ length
    guard size <= region.count &- tail else { return nil }
    let room = region.part(tail, size)
    tail &+= size
    // Within the room: one check for all of it.
    Entry(offset: 0, size: size, identifier: identifier, filters: 0, start: Entry.headerSize).markSent(in: room)
    room.store(expiry, at: 8)
    return room.part(Entry.headerSize, length)
  }

  /// Takes the message with a packet identifier out, of those that were restored.
  @inline(__always) package mutating func remove(_ identifier: Int) {
    var offset = head
    while offset < tail {
      let entry = Entry(region, at: offset)
      if entry.identifier == identifier { return close(gap: entry.size, before: entry.end) }
      offset = entry.end
    }
  }

  /// Forgets all entries.
  @inline(__always) package mutating func clear() {
    head = Outbox.base
    tail = Outbox.base
    cursor = Outbox.base
  }

  /// Whether the packet identifier whose turn it is, is free. It can only be the oldest message's, or one of a request
  /// that was put before that.
  @inline(__always) mutating func isFree(_ identifier: Int) -> Bool {
    var offset = head
    while offset < tail {
      let entry = Entry(region, at: offset)
      if entry.identifier == identifier { return false }
      if entry.identifier != 0 && packetType(entry) == PacketType.publish { break }
      offset = entry.end
    }
    return true
  }

  /// Puts the last entry, which begins at `start`, before those that have not left.
  @inline(__always) mutating func hasten(_ start: Int) {
    region.exchange(cursor, start, tail)
  }
}
