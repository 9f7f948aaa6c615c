// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteMQTT

@c @implementation
public func mote_use_twin(
  _ client: UnsafeMutablePointer<mote_client>!, _ twin: UnsafeMutablePointer<mote_twin>!, _ size: Int,
  _ options: UnsafePointer<mote_twin_options>!
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard size >= MemoryLayout<Twin>.size else { return MOTE_ERROR_SIZE }
  var given = mote_twin_options()
  guard let twin = unsafe twin,
    unsafe options == nil || copyOptions(options, to: &given, count: MemoryLayout<mote_twin_options>.size),
    given.only_reports | 1 == 1
  else { return MOTE_ERROR_ARGUMENT }
  var limits = Twin.Options()
  if given.answer_milliseconds != 0 { limits.patience = given.answer_milliseconds }
  limits.onlyReports = given.only_reports == 1
  do throws(Failure) {
    // Sound: mote.h says that it stays as long as the client is used.
    try unsafe object(client).pointee.value.use(
      UnsafeMutableRawPointer(twin).bindMemory(to: Twin.self, capacity: 1), limits)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_get_twin(_ client: UnsafeMutablePointer<mote_client>!) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe object(client).pointee.value.getTwin()
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_report(
  _ client: UnsafeMutablePointer<mote_client>!, _ patch: UnsafePointer<UInt8>!, _ length: Int
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let patch = unsafe sharedRegion(patch, length) else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    try unsafe object(client).pointee.value.report(patch)
  } catch {
    return error.code
  }
  return MOTE_OK
}
