// MoteJournal: messages at least once that survive a loss of power, as a log of what is in the outbox.

public import CMote
public import MoteBytes
import MoteMQTT

/// A log in a ring of pages, each of which holds all that the outbox does: each message when it is stored, and that it is
/// done.
///
/// ```
/// | header that erases | header that counts | messages of the outbox when the page was taken | records … |
/// ```
///
/// When the current page has no room for a record, the oldest is taken: it is erased, the messages that are in the outbox
/// are written into it, then its header, with a higher number than all before. Only the page of the highest number is ever
/// read. Why that is sound:
///
/// - *Nothing is lost.* A page is read from the moment on when it has all that matters. Until then the one before is, of
///   which nothing was touched. Pages are at least two.
/// - *Nothing rises from the dead.* A page holds what was in the outbox when it was taken, and all that happened since, in
///   that order.
/// - *There is always room.* A page holds at least as much as the outbox (which is checked).
/// - *A torn record* fails its checksum. The log goes on in the next page.
@safe public struct Journal: ~Copyable {
  let storage: Storage
  let pageSize: Int
  /// Bytes of all pages.
  let size: Int
  /// Bytes programmed together, less one.
  let mask: Int
  /// What a page's header says of the pages.
  let geometry: UInt32

  /// Where the current page ends; where all do, before the first is taken.
  var end = 0
  /// Where the next record goes: at the page's end when none does.
  var position = 0
  /// Where every checksum begins: with whom the messages are from.
  private(set) var seed: UInt32 = 0
  /// Of the C object whose messages these are, the mark that it is inside a call while the storage is: what the storage
  /// calls then is refused. Null: there is none.
  @unsafe package var mark: UnsafeMutablePointer<UInt>?
  /// How many pages have been taken.
  var sequence: UInt32 = 0
  /// How many records that a message is done could not be written.
  public private(set) var unwritten: UInt32 = 0

  /// A journal that no session uses yet; nil when pages cannot be like that.
  @inline(__always)
  public init?(_ storage: UnsafePointer<mote_storage>, pageSize: UInt32, pageCount: UInt32, unit: UInt32) {
    let mask = unit &- 1
    guard let storage = unsafe Storage(storage.pointee), mask < 32 && unit & mask == 0,
      pageSize & 31 == 0 && pageSize &- 1 < 0xFF_FFFF,
      pageCount >= 2 && pageCount < 16
    else { return nil }
    self.storage = storage
    self.pageSize = Int(truncatingIfNeeded: pageSize)
    self.mask = Int(truncatingIfNeeded: mask)
    size = Int(truncatingIfNeeded: pageSize &* pageCount)
    geometry = (pageSize | mask) &<< 8 | Header.version | pageCount
  }

  /// The bytes that a record of `count` takes up.
  mutating func rounded(_ count: Int) -> Int { (count &+ mask) & ~mask }

  /// Makes the journal one of the messages of `name` alone, which is not empty: another's is none. Before it is used.
  public mutating func belong(to name: Region) {
    // Sound: the region has its bytes.
    seed = unsafe extend(0, name.pointer, name.count)
  }

  /// Marks the C object as being inside a call. What its mark was.
  mutating func enter() -> UInt {
    // Sound: mote.h says that the object stays as long as the journal is used; it begins with its mark.
    guard let mark = unsafe mark else { return 0 }
    defer { unsafe mark.pointee = UInt(bitPattern: mark) &+ 1 }
    return unsafe mark.pointee
  }

  /// Gives the C object its mark back.
  mutating func leave(_ saved: UInt) { unsafe mark?.pointee = saved }

  // MARK: Writing

  /// Writes a message that has been stored, or that one is done: into the next page when that fails. A status. Unsafe, because
  /// the compiler cannot see that the outbox lives.
  @unsafe mutating func keep(_ outbox: UnsafePointer<Outbox>, now: UInt32, _ what: Int) -> Int32 {
    var status =
      what < 0 ? write(0 &- UInt32(truncatingIfNeeded: what), 0) : unsafe write(outbox, from: what, now, what)
    if status != MOTE_ERROR_STORAGE { return status }
    status = unsafe takePage(outbox, now, what)
    if status != MOTE_OK && what < 0 { unwritten &+= 1 }
    return status
  }

  /// Makes the oldest page the current one, with all that is in the outbox but a message that is done: `what` is its
  /// identifier below zero. A status.
  @unsafe private mutating func takePage(
    _ outbox: UnsafePointer<Outbox>, _ now: UInt32, _ what: Int
  ) -> Int32 {
    let before = end
    let start = before == size ? 0 : before
    position = start
    end = start &+ pageSize
    let next = sequence &+ 1
    var status = write(geometry, next)
    // Behind the header that was written, and a second of that size.
    let header = position
    position = header &+ header &- start
    if status == MOTE_OK { status = unsafe write(outbox, from: outbox.pointee.head, now, what) }
    let position = position
    self.position = header
    if status == MOTE_OK { status = write(geometry, next) }
    if status == MOTE_OK {
      self.position = position
      sequence = next
    } else {
      // Nobody relies on it yet: it is taken again.
      end = before
      self.position = before
    }
    return status
  }

  /// Writes the records of the messages from an offset on, but for one that is done: where they stand in the outbox, so
  /// that header and packet leave in one piece.
  @unsafe @inline(never) private mutating func write(
    _ outbox: UnsafePointer<Outbox>, from offset: Int, _ now: UInt32, _ what: Int
  ) -> Int32 {
    var offset = offset
    var status = MOTE_OK
    while unsafe status == MOTE_OK && offset < outbox.pointee.tail {
      let entry = unsafe Outbox.Entry(outbox.pointee.region, at: offset)
      offset = entry.end
      if !entry.isKept || entry.identifier &+ what == 0 { continue }
      let region = unsafe outbox.pointee.region.part(entry.offset, entry.end &- entry.offset)
      let length = entry.end &- entry.start
      if length > 0xFFFF { return MOTE_ERROR_TOO_LARGE }
      let expiry = region.load(8, as: UInt32.self)
      // Sound: an entry's packet stands behind its header, which is as long as a record's.
      let record = unsafe UnsafeMutableRawPointer(region.pointer + (region.count &- length &- Header.size))
      let saved = unsafe record.loadUnaligned(as: Header.self)
      let first = UInt32(truncatingIfNeeded: entry.identifier | length &<< 16)
      unsafe record.storeBytes(of: first, toByteOffset: 4, as: UInt32.self)
      unsafe record.storeBytes(of: expiry &- min(expiry, now), toByteOffset: 8, as: UInt32.self)
      status = unsafe write(record, Header.size &+ length)
      unsafe record.storeBytes(of: saved, as: Header.self)
    }
    return status
  }

  /// Writes a page's header, or a record without a packet.
  @inline(never) private mutating func write(_ first: UInt32, _ second: UInt32) -> Int32 {
    var header = Header(first: first, second: second)
    return unsafe write(&header, Header.size)
  }

  /// Writes what begins with a header, its checksum, and what fills its last unit. When there is no room, or that fails,
  /// nothing more is written to the page.
  @inline(never) private mutating func write(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
    let place = position
    let next = place &+ rounded(count)
    position = end
    if next > end { return MOTE_ERROR_STORAGE }
    unsafe bytes.storeBytes(of: extend(seed, bytes + 4, count &- 4), as: UInt32.self)
    let rest = _assumeNonNegative(count & mask)
    let whole = count &- rest
    if whole > 0, unsafe storage.write(place, bytes, whole) < 0 { return MOTE_ERROR_STORAGE }
    if rest > 0 {
      // Sound: a unit has 32 bytes at most, and every byte up to its end is given a value.
      let status = unsafe withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { unit in
        var offset = 0
        repeat {
          unsafe unit[offset] = offset < rest ? bytes.load(fromByteOffset: whole &+ offset, as: UInt8.self) : 0xFF
          offset &+= 1
        } while offset <= mask
        return unsafe storage.write(place &+ whole, unit.baseAddress, mask &+ 1)
      }
      if status < 0 { return MOTE_ERROR_STORAGE }
    }
    position = next
    return MOTE_OK
  }
}
