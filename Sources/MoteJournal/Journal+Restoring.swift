import CMote
public import MoteBytes
public import MoteMQTT

extension Journal {
  /// Restores a session's messages, and keeps them from now on. The journal must stay where it is as long as the session
  /// is used. How many there are.
  @unsafe public static func restore(
    _ journal: UnsafeMutablePointer<Journal>, to session: inout Session, now: UInt64
  ) throws(Failure) -> Int {
    let status = unsafe attach(journal, to: &session, now: now)
    if status < 0 { throw Failure(status) }
    return Int(truncatingIfNeeded: status)
  }

  /// The same, as a status or how many there are.
  @unsafe @inline(never) private static func attach(
    _ journal: UnsafeMutablePointer<Journal>, to session: inout Session, now: UInt64
  ) -> Int32 {
    guard session.canRestore(now: now), unsafe journal.pointee.position == 0 else { return MOTE_ERROR_STATE }
    let status = unsafe journal.pointee.restore(&session)
    if status < 0 {
      session.outbox.clear()
      return status
    }
    // Sound: the caller promised that the journal stays. One thread has session and journal, and neither calls the other
    // back, so that this is the only access to it.
    unsafe session.use(
      Keeper(
        { context, outbox, now, what in
          let journal = unsafe context.assumingMemoryBound(to: Journal.self)
          let saved = unsafe journal.pointee.enter()
          let status = unsafe journal.pointee.keep(outbox.assumingMemoryBound(to: Outbox.self), now: now, what)
          unsafe journal.pointee.leave(saved)
          return status
        }, context: UnsafeMutableRawPointer(journal)))
    return status
  }

  /// Finds the page that was taken last, and does to the outbox what its records say. Changes nothing in the storage. A
  /// status below zero, or how many messages there are.
  private mutating func restore(_ session: inout Session) -> Int32 {
    let headerSize = rounded(Header.size)
    // A record is as long as its entry, or by less than a unit longer, and an entry has 16 bytes at least.
    guard (session.outbox.region.count &* (mask &+ 16)) &>> 4 &+ 2 &* headerSize <= pageSize else {
      return MOTE_ERROR_ARGUMENT
    }
    var header = Header()
    var newest: UInt32 = 0
    var end = size
    var strange = 0
    var place = 0
    repeat {
      let count = read(&header, place &+ headerSize, Header.size)
      place &+= pageSize
      if count > Header.erased {
        if header.first != geometry { return MOTE_ERROR_JOURNAL }
        if header.second > newest {
          newest = header.second
          end = place
        }
      } else if count == Header.torn {
        strange = place
      } else if count != Header.erased {
        return MOTE_ERROR_STORAGE
      }
    } while place < size
    // With no page that counts, nothing is written before one was taken: the place is where all of them end.
    if newest != 0 {
      place = end &- pageSize &+ 2 &* headerSize
    } else if strange != 0 {
      // Pages that do not count are the very first that was to be taken, which begins with the header that erases. Anything
      // else is somebody else's.
      let count = read(&header, 0, Header.size)
      if count < 0 { return MOTE_ERROR_STORAGE }
      if strange != pageSize || count <= Header.erased { return MOTE_ERROR_JOURNAL }
    }
    var messages: Int32 = 0
    var position = place
    while place &+ Header.size <= end {
      let count = read(&header, place, end &- place)
      if count < 0 { return MOTE_ERROR_STORAGE }
      if count == Header.erased {
        // So must be all that follows.
        place &+= Header.size
        continue
      }
      let length = UInt16(truncatingIfNeeded: header.first &>> 16)
      // One beyond the page is never read, though what is inside has its checksum.
      if count == Header.torn || place != position || Int(length) > end &- place &- Header.size {
        position = end
        break
      }
      let identifier = Int(truncatingIfNeeded: header.first & 0xFFFF)
      if length == 0 {
        session.outbox.remove(identifier)
        messages &-= 1
      } else {
        guard let room = session.restore(identifier, length: length, life: header.second) else {
          return MOTE_ERROR_OUTBOX_FULL
        }
        if unsafe storage.read(place &+ Header.size, room.pointer, room.count) < 0 {
          return MOTE_ERROR_STORAGE
        }
        messages &+= 1
      }
      place &+= count
      position = place
    }
    self.position = position
    self.end = end
    sequence = newest
    // Somebody may have written that more is done than was stored.
    return max(messages, 0)
  }

  /// Reads a header, and checks it and the packet behind it, of `limit` bytes at most. How many they take up, or
  /// ``Header/torn`` or ``Header/erased``; below zero when they cannot be read.
  @inline(never) private mutating func read(_ header: inout Header, _ place: Int, _ limit: Int) -> Int {
    if unsafe storage.read(place, &header, Header.size) < 0 { return -1 }
    if header.isErased { return Header.erased }
    // A page's header has no packet, and what is longer than the page is torn.
    let count = min(Header.size &+ Int(truncatingIfNeeded: header.first &>> 16), limit)
    var crc = seed
    // Sound: what is looked at has been read before.
    let isRead = unsafe withUnsafeTemporaryAllocation(byteCount: 12, alignment: 4) { chunk in
      var offset = 4
      repeat {
        let step = min(Header.size, count &- offset)
        if unsafe storage.read(place &+ offset, chunk.baseAddress, step) < 0 { return false }
        crc = unsafe extend(crc, UnsafeRawPointer(chunk.baseAddress.unsafelyUnwrapped), step)
        offset &+= step
      } while offset < count
      return true
    }
    if !isRead { return -1 }
    return crc == header.checksum ? rounded(count) : Header.torn
  }
}
