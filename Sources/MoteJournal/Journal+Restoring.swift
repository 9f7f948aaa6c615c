import CMote
public import MoteBytes
public import MoteMQTT

extension Journal {
  enum PageState: UInt8 {
    case valid
    case erased
    /// Neither: torn, or worn out, or not a journal's.
    case strange
    /// Another version's, or of other pages.
    case foreign
    case unreadable
  }

  /// Restores a session's messages, and keeps them from now on. The journal must stay where it is as long as the session
  /// is used. How many there are.
  @unsafe public static func restore(
    _ journal: UnsafeMutablePointer<Journal>, to session: inout Session, now: UInt64
  ) throws(Failure) -> Int {
    guard var outbox = session.emptyOutbox(now: now) else { throw .state }
    let status = unsafe journal.pointee.restore(&outbox)
    guard status >= 0 else { throw Failure(status) }
    // Sound: the caller promised that the journal stays. One thread has session and journal, and neither calls the other
    // back, so that this is the only access to it.
    return unsafe session.use(
      Keeper(
        { context, outbox, now, what in
          unsafe context.assumingMemoryBound(to: Journal.self).pointee.keep(
            outbox.assumingMemoryBound(to: Outbox.self).pointee, now: now, what)
        }, context: UnsafeMutableRawPointer(journal)), outbox)
  }

  /// Finds the page that was taken last, and reads the records from the oldest page on. Changes nothing in the storage. A
  /// status.
  private mutating func restore(_ outbox: inout Outbox) -> Int32 {
    // A record is as long as its entry, or by a unit longer, and an entry has 25 bytes at least.
    guard room &* (pageCount &- 1) >= (outbox.region.count &* (mask &+ 17)) &>> 3 else { return MOTE_ERROR_ARGUMENT }
    page = pageCount &- 1
    position = pageSize
    sequence = 0
    var strange = 0
    for page in 0..<pageCount {
      var header = PageHeader()
      switch unsafe pageHeader(page, &header) {
      case .valid:
        if header.sequence > sequence {
          self.page = page
          sequence = header.sequence
        }
      case .erased: break
      case .strange: strange &+= 1
      case .foreign: return MOTE_ERROR_JOURNAL
      case .unreadable: return MOTE_ERROR_STORAGE
      }
    }
    // The very first page may be torn; more was somebody else's.
    if sequence == 0 { return strange > 1 ? MOTE_ERROR_JOURNAL : MOTE_OK }
    var end = visit(page, .looks, &outbox)
    if end == 0 {
      // It was being taken.
      page = page == 0 ? pageCount &- 1 : page &- 1
      sequence &-= 1
    }
    // Not the spare's: all of that matters no more, and some of it may be erased.
    var page = next(page)
    while end >= 0 {
      page = next(page)
      end = visit(page, .replays, &outbox)
      if page != self.page || end < 0 { continue }
      var crc: UInt32 = 0
      var all: UInt8 = 0xFF
      guard scan(page &* pageSize &+ end, pageSize &- end, &crc, &all) else { return MOTE_ERROR_STORAGE }
      if end > 0 && all == 0xFF { position = end }
      return MOTE_OK
    }
    return Int32(truncatingIfNeeded: end)
  }

  /// What a page's records are read for.
  enum Purpose: UInt8 {
    /// To see whether it has COPIED.
    case looks
    /// To copy the messages that are in the outbox. (An identifier may by now be another message's.)
    case copies
    /// To do to the outbox what they say.
    case replays
  }

  /// Goes through the records of a page. Where they end, or a status below zero; 0 when it is no page, or when it lacks
  /// COPIED and that was looked for.
  @inline(never) mutating func visit(_ page: Int, _ purpose: Purpose, _ outbox: inout Outbox) -> Int {
    let state = unsafe pageHeader(page, nil)
    if state != .valid { return state == .unreadable ? Int(MOTE_ERROR_STORAGE) : 0 }
    var offset = rounded(PageHeader.size)
    var record = Record()
    while true {
      let size = read(&record, page, offset)
      if size < 0 { return Int(MOTE_ERROR_STORAGE) }
      if size == 0 { return purpose == .looks ? 0 : offset }
      let kind = record.kind
      let place = page &* pageSize &+ offset &+ Record.size
      offset &+= size
      if kind == .copied || purpose == .looks {
        if kind == .copied && purpose == .looks { return offset }
        continue
      }
      if let entry = outbox.message(record.identifier) {
        if kind == .message {
          let isDone = write(entry, record, in: outbox, if: purpose == .copies ? .same : .never)
          if purpose == .copies {
            if !isDone { return Int(MOTE_ERROR_STORAGE) }
            continue
          }
          if isDone { continue }
        }
        if purpose == .replays { outbox.remove(entry) }
      }
      if kind == .done || purpose == .copies { continue }
      let life = record.life == Record.noEnd ? UInt32.max : record.life
      guard let room = outbox.restore(record.identifier, length: record.length, expiry: life) else {
        return Int(MOTE_ERROR_OUTBOX_FULL)
      }
      guard unsafe storage.read(place, room.pointer, room.count) else { return Int(MOTE_ERROR_STORAGE) }
    }
  }

  /// What stands at a page's start.
  @inline(never) mutating func pageHeader(_ page: Int, _ header: UnsafeMutablePointer<PageHeader>?) -> PageState {
    var read = PageHeader()
    guard unsafe storage.read(page &* pageSize, &read, PageHeader.size) else { return .unreadable }
    if read.isErased { return .erased }
    if !read.isWhole { return .strange }
    unsafe header?.pointee = read
    return read.isLike(PageHeader(pageSize: pageSize, pageCount: pageCount, sequence: 0)) ? .valid : .foreign
  }

  /// Reads a record's header at `offset` in a page, and checks all of it. What it takes up; 0 when there is none; below
  /// zero when it cannot be read.
  @inline(never) mutating func read(_ record: inout Record, _ page: Int, _ offset: Int) -> Int {
    let place = page &* pageSize &+ offset
    guard offset &+ Record.size <= pageSize else { return 0 }
    guard unsafe storage.read(place, &record, Record.size) else { return -1 }
    let length = record.length
    let size = rounded(Record.size &+ length)
    guard record.kind != .none, offset &+ size <= pageSize else { return 0 }
    var crc = record.start
    var first: UInt8 = 0
    guard scan(place &+ Record.size, length, &crc, &first) else { return -1 }
    // A PUBLISH at quality of service 1.
    let isMessage = first & 0xFE == 0x32
    return ~crc == record.checksum && isMessage == (record.kind == .message) ? size : 0
  }

  /// Reads bytes: their checksum, and the first, or when `bits` was 0xFF what all have in common. False when that fails.
  @inline(never) private mutating func scan(_ place: Int, _ count: Int, _ crc: inout UInt32, _ bits: inout UInt8)
    -> Bool
  {
    var chunk = Unit()
    var offset = 0
    let isFirst = bits == 0
    // Sound: no more is read than the chunk has room for.
    return unsafe withUnsafeMutableBytes(of: &chunk) { bytes in
      guard let start = bytes.baseAddress else { return false }
      while offset < count {
        let step = min(bytes.count, count &- offset)
        guard unsafe storage.read(place &+ offset, start, step) else { return false }
        if isFirst {
          if offset == 0 { bits = unsafe bytes[0] }
          crc = unsafe extend(crc, start, step)
        } else {
          for index in 0..<step { bits &= unsafe bytes[index] }
        }
        offset &+= step
      }
      return true
    }
  }
}
