// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteJournal
import MoteMQTT

private typealias JournalObject = Object<Journal>

@c @implementation
public func mote_journal_init(
  _ journal: UnsafeMutablePointer<mote_journal>!, _ size: Int, _ options: UnsafePointer<mote_journal_options>!
) -> mote_status {
  guard size >= MemoryLayout<JournalObject>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_journal_options()
  guard let journal = unsafe journal,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_journal_options>.size),
    let storage = unsafe given.storage,
    let value = unsafe Journal(
      storage, pageSize: given.page_size, pageCount: given.page_count, unit: given.unit == 0 ? 8 : given.unit)
  else { return MOTE_ERROR_ARGUMENT }
  unsafe UnsafeMutableRawPointer(journal).bindMemory(to: JournalObject.self, capacity: 1)
    .initialize(to: JournalObject(mark: UInt(bitPattern: journal), value: value))
  return MOTE_OK
}

/// Where a journal's value is.
@inline(__always)
private func value(_ journal: UnsafeMutablePointer<mote_journal>) -> UnsafeMutablePointer<Journal> {
  // Sound: `check` has seen the mark that only `mote_journal_init` writes; the value stands in the caller's memory, where it
  // stays.
  let object = unsafe UnsafeMutableRawPointer(journal).assumingMemoryBound(to: JournalObject.self)
  return unsafe withUnsafeMutablePointer(to: &object.pointee.value) { unsafe $0 }
}

@c @implementation
public func mote_mqtt_use_journal(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ journal: UnsafeMutablePointer<mote_journal>!, _ now: UInt64
) -> Int32 {
  var status = unsafe check(session)
  if status == 0 { status = unsafe check(journal) }
  if status != 0 { return status }
  guard let journal = unsafe journal else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    unsafe value(journal).pointee.mark = UnsafeMutableRawPointer(session)?.assumingMemoryBound(to: UInt.self)
    let object = unsafe value(session)
    unsafe object.pointee.mark &+= 1
    defer { unsafe object.pointee.mark &-= 1 }
    let count = try unsafe Journal.restore(value(journal), to: &object.pointee.value, now: now)
    return Int32(truncatingIfNeeded: count)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_use_journal(
  _ client: UnsafeMutablePointer<mote_client>!, _ journal: UnsafeMutablePointer<mote_journal>!, _ now: UInt64
) -> Int32 {
  var status = unsafe check(client)
  if status == 0 { status = unsafe check(journal) }
  if status != 0 { return status }
  guard let journal = unsafe journal else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(client)
  guard unsafe object.pointee.value.isUsable else { return MOTE_ERROR_MQTT_NOT_USED }
  do throws(Failure) {
    unsafe value(journal).pointee.mark = UnsafeMutableRawPointer(client)?.assumingMemoryBound(to: UInt.self)
    unsafe object.pointee.mark &+= 1
    defer { unsafe object.pointee.mark &-= 1 }
    let count = try unsafe object.pointee.value.use(value(journal), now: now)
    return Int32(truncatingIfNeeded: count)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_journal_unwritten(_ journal: UnsafePointer<mote_journal>!) -> UInt32 {
  // Sound: it is only read, and the mark has been seen.
  guard let journal = unsafe UnsafeMutablePointer(mutating: journal), unsafe check(journal) == MOTE_OK else { return 0 }
  return unsafe value(journal).pointee.unwritten
}
