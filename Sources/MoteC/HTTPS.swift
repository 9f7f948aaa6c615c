// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteHTTP
import MoteMQTT

@c @implementation
public func mote_use_https(
  _ client: UnsafeMutablePointer<mote_client>!, _ https: UnsafeMutablePointer<mote_https>!, _ size: Int,
  _ options: UnsafePointer<mote_https_options>!
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard size >= MemoryLayout<HTTPS>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_https_options()
  guard let https = unsafe https,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_https_options>.size),
    let receiving = unsafe sharedRegion(given.receive_buffer, given.receive_capacity),
    let outbox = unsafe sharedRegion(given.outbox, given.outbox_capacity),
    let response = unsafe sharedRegion(given.response_buffer, given.response_capacity),
    let request = unsafe sharedRegion(given.request_buffer, given.request_capacity),
    let whenFull = unsafe WhenFull(rawValue: given.when_full)
  else { return MOTE_ERROR_ARGUMENT }
  let client = unsafe object(client)
  var session = MQTTMemory(receiving: receiving, outbox: outbox)
  session.whenFull = whenFull
  var limits = HTTPS.Options()
  if unsafe given.poll_seconds != 0 { limits.pollSeconds = unsafe given.poll_seconds }
  if unsafe given.response_milliseconds != 0 { limits.patience = unsafe given.response_milliseconds }
  do throws(Failure) {
    // Sound: mote_https.h says that it stays as long as the client is used.
    try unsafe client.pointee.value.use(
      UnsafeMutableRawPointer(https).bindMemory(to: HTTPS.self, capacity: 1),
      HTTPMemory(receiving: response, sending: request), session: session, limits)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_send_batch(
  _ client: UnsafeMutablePointer<mote_client>!, _ batch: UnsafeMutablePointer<mote_batch>!
) -> Int32 {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let batch = unsafe batch, unsafe batch.pointee.size >= MemoryLayout<mote_batch>.size else {
    return MOTE_ERROR_ARGUMENT
  }
  guard unsafe object(client).pointee.value.isHTTPS else { return MOTE_ERROR_STATE }
  var telemetry = unsafe mote_telemetry()
  unsafe telemetry.size = MemoryLayout<mote_telemetry>.size
  do throws(Failure) {
    unsafe telemetry.payload_length = try BatchDocument(batch).measure()
  } catch {
    return error.code
  }
  // By mote_send, whose code every client has: the session's own way here would be there twice.
  unsafe telemetry.source = BatchDocument.source
  unsafe telemetry.source_context = UnsafeMutableRawPointer(batch)
  unsafe telemetry.expires = batch.pointee.expires
  let mark = unsafe UnsafeRawPointer(batchMark.utf8Start).assumingMemoryBound(to: CChar.self)
  let property = unsafe mote_property(
    name: mark, name_length: batchMark.utf8CodeUnitCount, value: nil, value_length: 0)
  return unsafe withUnsafePointer(to: property) { property in
    unsafe telemetry.properties = property
    unsafe telemetry.property_count = 1
    return unsafe mote_send(client, &telemetry)
  }
}

@c @implementation
public func mote_settle(_ client: UnsafeMutablePointer<mote_client>!, _ settlement: Int32) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard settlement > 0, let kind = HTTPS.Settlement(rawValue: UInt8(clamping: settlement)) else {
    return MOTE_ERROR_ARGUMENT
  }
  do throws(Failure) {
    try unsafe object(client).pointee.value.settle(kind)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_hub_tracking(
  _ client: UnsafeMutablePointer<mote_client>!, _ text: UnsafeMutablePointer<CChar>!
) -> Int32 {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let text = unsafe text, let room = unsafe sharedRegion(text, Int(MOTE_TRACKING_LENGTH)) else {
    return MOTE_ERROR_ARGUMENT
  }
  do throws(Failure) {
    return Int32(truncatingIfNeeded: try unsafe object(client).pointee.value.hubTracking(into: room))
  } catch {
    return error.code
  }
}
