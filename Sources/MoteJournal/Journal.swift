// MoteJournal: messages at least once that survive a loss of power, as a log of what is in the outbox.

public import CMote
import MoteBytes
import MoteMQTT

/// A log in a ring of pages: each message when it is stored, and that it is done.
///
/// ```
/// | spare | oldest | … | current: header, copies of what the spare still held, COPIED, records … |
/// ```
///
/// When the current page has no room for a record, the spare is erased and becomes the current one; what the oldest page
/// holds of messages that are in the outbox is copied into it, so that the oldest is the next spare. Why that is sound:
///
/// - *Nothing is lost.* A page is erased only after all of it that matters was copied, and COPIED says so: without it, on
///   the next start, the page counts as never taken, and is taken again, which loses copies whose originals stand. What the
///   spare holds is never read, so that it may be erased by half.
/// - *Nothing rises from the dead.* Pages are erased in the order in which they were written, so that a message that is
///   done goes before the record that says it is done. Copies are made of messages in the outbox alone, and stand before
///   any record that says that they are done.
/// - *There is always room.* All pages but the spare together hold twice what the outbox can, and a record is at most half
///   a page (both are checked). So one of them holds at most half a page that matters, and when it is copied, after as many
///   turns as there are pages at most, the record fits behind. Copies of one page always fit one page.
/// - *A torn record* fails its checksum. The log goes on in the next page.
public struct Journal: ~Copyable {
  let storage: Storage
  let pageSize: Int
  let pageCount: Int
  /// Bytes programmed together, less one.
  let mask: Int

  /// The page that is written to, and where in it: at its end when nothing more can be.
  var page = 0
  var position = 0
  /// How many pages were taken before.
  var sequence: UInt32 = 0
  /// How many records that a message is done could not be written.
  public private(set) var unwritten: UInt32 = 0

  /// A journal that no session uses yet; nil when pages cannot be like that.
  public init?(_ storage: UnsafePointer<mote_storage>, pageSize: UInt32, pageCount: UInt32, unit: UInt32) {
    guard unit > 0 && unit <= 32 && unit & (unit &- 1) == 0, pageSize & (unit &- 1) == 0,
      pageSize >= 128 && pageSize <= 65_536, pageCount >= 3 && pageCount < 16_384
    else { return nil }
    self.storage = unsafe Storage(storage)
    self.pageSize = Int(pageSize)
    self.pageCount = Int(pageCount)
    mask = Int(unit &- 1)
    room = self.pageSize &- ((PageHeader.size &+ mask) & ~mask) &- ((Record.size &+ mask) & ~mask)
  }

  /// The bytes that `count` take up in a page.
  mutating func rounded(_ count: Int) -> Int { (count &+ mask) & ~mask }

  /// What a page has for records: without its header and COPIED.
  let room: Int

  /// The page after `page` in the ring.
  mutating func next(_ page: Int) -> Int { page &+ 1 == pageCount ? 0 : page &+ 1 }

  // MARK: Writing

  /// Writes a message that has been stored, or that one is done. A status.
  mutating func keep(_ outbox: Outbox, now: UInt32, _ what: Int) -> Int32 {
    if what < 0 {
      let record = Record(.done, identifier: 0 &- what, length: 0, life: 0)
      let isWritten = makeRoom(rounded(Record.size), outbox) && write(record)
      if !isWritten { unwritten &+= 1 }
      return MOTE_OK
    }
    let entry = Outbox.Entry(outbox.region, at: what)
    let length = entry.end &- entry.start
    let size = rounded(Record.size &+ length)
    guard size <= room &>> 1 else { return MOTE_ERROR_TOO_LARGE }
    guard makeRoom(size, outbox) else { return MOTE_ERROR_STORAGE }
    let time = outbox.expiry(entry)
    let life = time == .max ? Record.noEnd : min(time &- min(time, now), Record.noEnd &- 1)
    let record = Record(.message, identifier: entry.identifier, length: length, life: life)
    return write(entry, record, in: outbox, if: .any) ? MOTE_OK : MOTE_ERROR_STORAGE
  }

  /// Takes pages until there is room for a record.
  @inline(never) private mutating func makeRoom(_ size: Int, _ outbox: Outbox) -> Bool {
    var turns = 0
    while position &+ size > pageSize {
      turns &+= 1
      if turns > pageCount || !takePage(outbox) { return false }
    }
    return true
  }

  /// Makes the spare page the current one, and the oldest the spare.
  @inline(never) private mutating func takePage(_ outbox: Outbox) -> Bool {
    var outbox = outbox
    let before = page
    page = next(page)
    sequence &+= 1
    position = 0
    var header = PageHeader(pageSize: pageSize, pageCount: pageCount, sequence: sequence)
    if unsafe write(&header, PageHeader.size), visit(next(page), .copies, &outbox) >= 0,
      write(Record(.copied, identifier: 0, length: 0, life: 0))
    {
      return true
    }
    // Nobody relies on it yet: it is taken again.
    page = before
    sequence &-= 1
    position = pageSize
    return false
  }

  /// What an entry is written for.
  enum Condition: UInt8 {
    /// It is new, and the record has no checksum yet.
    case any
    /// Only if the record is this entry's.
    case same
    /// Not at all: only to see whether the record is this entry's.
    case never
  }

  /// Writes an entry's record: where it stands in the outbox, so that header and packet leave in one piece.
  @inline(never) mutating func write(
    _ entry: Outbox.Entry, _ record: Record, in outbox: Outbox, if condition: Condition
  ) -> Bool {
    let length = entry.end &- entry.start
    if condition != .any && length != record.length { return condition == .same }
    let region = outbox.region.part(entry.start &- Record.size, Record.size &+ length)
    let saved = Record(region)
    let first = region[Record.size]
    record.store(in: region)
    // DUP comes and goes.
    region[Record.size] = first & ~0x08
    let checksum = unsafe ~extend(.max, region.pointer + 4, region.count &- 4)
    if condition == .any { region.store(checksum, at: 0) }
    var result = condition == .any || checksum == record.checksum
    if result && condition != .never {
      result = unsafe write(region.pointer, region.count)
    } else if condition == .same {
      result = true
    }
    saved.store(in: region)
    region[Record.size] = first
    return result
  }

  /// Writes a record without a packet.
  private mutating func write(_ record: Record) -> Bool {
    var record = record
    record.seal()
    return unsafe write(&record, Record.size)
  }

  /// Writes bytes and what fills their last unit. When that fails, nothing more is written to the page.
  @inline(never) private mutating func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    let place = page &* pageSize &+ position
    let whole = count & ~mask
    var isWritten = unsafe whole == 0 || storage.write(place, bytes, whole)
    if isWritten && whole < count {
      var unit = Unit()
      // Sound: the rest is less than a unit, which is at most as long as the buffer.
      unsafe withUnsafeMutableBytes(of: &unit) { buffer in
        unsafe buffer.baseAddress?.copyMemory(from: bytes + whole, byteCount: count &- whole)
        isWritten = unsafe storage.write(place &+ whole, buffer.baseAddress, mask &+ 1)
      }
    }
    position = isWritten ? position &+ rounded(count) : pageSize
    return isWritten
  }
}
