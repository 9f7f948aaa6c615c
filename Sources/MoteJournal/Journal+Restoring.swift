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
    guard session.restores(now: now) else { throw .state }
    do throws(Failure) {
      try unsafe journal.pointee.open(capacity: session.keptOutbox.region.count)
      try unsafe journal.pointee.replay(to: &session)
    } catch {
      session.forgetRestored()
      throw error
    }
    // Sound: the caller promised that the journal stays. One thread has session and journal, and neither calls the other
    // back, so that this is the only access to it.
    return unsafe session.use(
      Keeper(
        { context, outbox, now, what in
          unsafe context.assumingMemoryBound(to: Journal.self).pointee.keep(
            outbox.assumingMemoryBound(to: Outbox.self).pointee, now: now, what)
        }, context: UnsafeMutableRawPointer(journal)))
  }

  /// Finds the page that was taken last. Changes nothing in the storage.
  @inline(__always) private mutating func open(capacity: Int) throws(Failure) {
    // A record is as long as its entry, or by a unit longer, and an entry has 25 bytes at least.
    guard room &* (pageCount &- 1) >= capacity &* (mask &+ 17) &>> 3 else { throw Failure(MOTE_ERROR_ARGUMENT) }
    var isFound = false
    var strange = 0
    for page in 0..<pageCount {
      var header = PageHeader()
      switch unsafe pageHeader(page, &header) {
      case .valid:
        if !isFound || header.sequence > sequence {
          self.page = page
          sequence = header.sequence
        }
        isFound = true
      case .erased: break
      case .strange: strange &+= 1
      case .foreign: throw Failure(MOTE_ERROR_JOURNAL)
      case .unreadable: throw Failure(MOTE_ERROR_STORAGE)
      }
    }
    position = pageSize
    if !isFound {
      // The very first page may be torn; more was somebody else's.
      if strange > 1 { throw Failure(MOTE_ERROR_JOURNAL) }
      page = pageCount &- 1
      sequence = 0
    } else if !isCopied(page) {
      // It was being taken.
      page = page == 0 ? pageCount &- 1 : page &- 1
      sequence &-= 1
    }
  }

  /// Whether a page has all that matters of the oldest.
  @inline(__always) private func isCopied(_ page: Int) -> Bool {
    var offset = rounded(PageHeader.size)
    var record = Record()
    while true {
      let size = read(&record, page, offset)
      if size == 0 || record.kind == .copied { return size != 0 }
      offset &+= size
    }
  }

  /// Reads the pages' records in the order in which they were written, but for the spare's: all of that matters no more,
  /// and some of it may be erased.
  @inline(__always) private mutating func replay(to session: inout Session) throws(Failure) {
    let current = page
    var page = next(current)
    repeat {
      page = next(page)
      guard unsafe pageHeader(page, nil) == .valid else { continue }
      var offset = rounded(PageHeader.size)
      var record = Record()
      while true {
        let size = read(&record, page, offset)
        if size == 0 { break }
        try replay(record, at: page &* pageSize &+ offset &+ Record.size, to: &session)
        offset &+= size
      }
      if page == current && isErased(page &* pageSize &+ offset, pageSize &- offset) { position = offset }
    } while page != current
  }

  /// Does what a record says.
  @inline(__always) private mutating func replay(
    _ record: Record, at place: Int, to session: inout Session
  ) throws(Failure) {
    if record.kind == .copied { return }
    if let entry = session.stored(record.identifier) {
      if record.kind == .message && write(entry, record, in: session.keptOutbox, if: .never) { return }
      session.remove(entry)
    }
    if record.kind == .done { return }
    let life = record.life == Record.noEnd ? UInt32.max : record.life
    guard let room = session.restore(identifier: record.identifier, length: record.length, life: life) else {
      throw .outboxFull
    }
    guard unsafe storage.read(place, room.pointer, room.count) else { throw Failure(MOTE_ERROR_STORAGE) }
  }

  /// What stands at a page's start.
  @inline(never) func pageHeader(_ page: Int, _ header: UnsafeMutablePointer<PageHeader>?) -> PageState {
    var read = PageHeader()
    guard unsafe storage.read(page &* pageSize, &read, PageHeader.size) else { return .unreadable }
    if read.isErased { return .erased }
    if !read.isWhole { return .strange }
    unsafe header?.pointee = read
    return read.isLike(PageHeader(pageSize: pageSize, pageCount: pageCount, sequence: 0)) ? .valid : .foreign
  }

  /// Reads a record's header at `offset` in a page, and checks all of it. What it takes up; 0 when there is none.
  @inline(never) func read(_ record: inout Record, _ page: Int, _ offset: Int) -> Int {
    let place = page &* pageSize &+ offset
    guard offset &+ Record.size <= pageSize, unsafe storage.read(place, &record, Record.size) else { return 0 }
    let length = record.length
    let size = rounded(Record.size &+ length)
    guard record.kind != .none, offset &+ size <= pageSize else { return 0 }
    var crc = record.start
    var first: UInt8 = 0
    guard scan(place &+ Record.size, length, &crc, &first) else { return 0 }
    // A PUBLISH at quality of service 1.
    let isMessage = first & 0xFE == 0x32
    return ~crc == record.checksum && isMessage == (record.kind == .message) ? size : 0
  }

  /// Whether nothing was written there.
  @inline(__always) private func isErased(_ place: Int, _ count: Int) -> Bool {
    var crc: UInt32 = 0
    var all: UInt8 = 0xFF
    return scan(place, count, &crc, &all) && all == 0xFF
  }

  /// Reads bytes: their checksum, and the first, or when `bits` was 0xFF what all have in common. False when that fails.
  @inline(never) private func scan(_ place: Int, _ count: Int, _ crc: inout UInt32, _ bits: inout UInt8) -> Bool {
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
