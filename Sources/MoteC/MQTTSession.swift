public import CMote
import MoteBytes
import MoteMQTT

private typealias SessionObject = Object<Session>

extension MQTTMemory {
  /// What the C struct says, with defaults where it says nothing; nil when it cannot be.
  init?(_ options: UnsafePointer<mote_mqtt_options>?) {
    var mqtt = unsafe mote_mqtt_options()
    guard unsafe copyOptions(options, to: &mqtt, count: MemoryLayout<mote_mqtt_options>.size),
      let receiving = unsafe region(mqtt.receive_buffer, mqtt.receive_capacity),
      let outbox = unsafe region(mqtt.outbox, mqtt.outbox_capacity)
    else { return nil }
    self.init(receiving: receiving, outbox: outbox)
    if unsafe mqtt.window != 0 { window = unsafe Int(truncatingIfNeeded: mqtt.window) }
    if unsafe mqtt.keep_alive_seconds != 0 { keepAliveSeconds = unsafe Int(truncatingIfNeeded: mqtt.keep_alive_seconds) }
    if unsafe mqtt.response_milliseconds != 0 { response = unsafe UInt64(widened: UInt(mqtt.response_milliseconds)) }
    guard isValid else { return nil }
  }
}

@c @implementation
public func mote_mqtt_init(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ size: Int, _ options: UnsafePointer<mote_mqtt_options>!
) -> mote_status {
  guard size >= MemoryLayout<SessionObject>.size else { return MOTE_ERROR_SIZE }
  guard let session = unsafe session, let memory = unsafe MQTTMemory(options) else { return MOTE_ERROR_ARGUMENT }
  unsafe UnsafeMutableRawPointer(session).bindMemory(to: SessionObject.self, capacity: 1)
    .initialize(to: SessionObject(mark: readyMark, value: Session(memory)))
  return MOTE_OK
}

@inline(__always)
private func value(_ session: UnsafeMutablePointer<mote_mqtt>) -> UnsafeMutablePointer<SessionObject> {
  // Sound: `check` has seen the mark that only `mote_mqtt_init` writes.
  unsafe UnsafeMutableRawPointer(session).assumingMemoryBound(to: SessionObject.self)
}

/// What CONNECT says of a will, if there is one; nil when it cannot be.
private func fields(
  of will: UnsafePointer<mote_mqtt_will>?, _ flags: inout ConnectFlags
) -> (topic: Region, payload: Region)? {
  guard let will = unsafe will?.pointee else { return (.empty, .empty) }
  guard let topic = unsafe region(will.topic, will.topic_length), topic.count > 0, topic.bytes.isMQTTText,
    let payload = unsafe region(will.payload, will.payload_length),
    unsafe will.quality_of_service | 1 == 1, unsafe will.retain | 1 == 1
  else { return nil }
  flags = flags | .will
  if unsafe will.quality_of_service == 1 { flags = flags | .willQualityOfService1 }
  if unsafe will.retain == 1 { flags = flags | .willRetain }
  return (topic, payload)
}

@c @implementation
public func mote_mqtt_connect(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ connection: UnsafePointer<mote_mqtt_connection>!, _ now: UInt64
) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  var options = unsafe mote_mqtt_connection()
  guard unsafe copyOptions(connection, to: &options, count: MemoryLayout<mote_mqtt_connection>.size),
    unsafe options.clean_session | 1 == 1,
    let client = unsafe region(options.client_identifier, options.client_identifier_length),
    client.bytes.isMQTTText, unsafe client.count > 0 || options.clean_session == 1,
    let user = unsafe region(options.user_name, options.user_name_length), user.bytes.isMQTTText,
    let password = unsafe region(options.password, options.password_length)
  else { return MOTE_ERROR_ARGUMENT }
  var flags: ConnectFlags = unsafe options.clean_session == 1 ? .cleanSession : .none
  guard let will = unsafe fields(of: options.will, &flags) else { return MOTE_ERROR_ARGUMENT }
  if unsafe options.user_name != nil { flags = flags | .userName }
  if unsafe options.password != nil {
    guard flags.contains(.userName) else { return MOTE_ERROR_ARGUMENT }
    flags = flags | .password
  }
  let object = unsafe value(session)
  var writer = unsafe object.pointee.value.composeConnect(flags)
  writer.appendField(client.bytes)
  if flags.contains(.will) {
    writer.appendField(will.topic.bytes)
    writer.appendField(will.payload.bytes)
  }
  if flags.contains(.userName) { writer.appendField(user.bytes) }
  if flags.contains(.password) { writer.appendField(password.bytes) }
  do throws(Failure) {
    try unsafe object.pointee.value.connect(writer, flags, now: now)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_lost(_ session: UnsafeMutablePointer<mote_mqtt>!) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  unsafe value(session).pointee.value.lost()
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_disconnect(_ session: UnsafeMutablePointer<mote_mqtt>!) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe value(session).pointee.value.disconnect()
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_transmission(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ now: UInt64, _ bytes: UnsafeMutablePointer<UnsafePointer<UInt8>?>!
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
  let transmission = unsafe value(session).pointee.value.transmission(now: now)
  unsafe bytes.pointee = UnsafePointer(transmission.pointer)
  return Int32(truncatingIfNeeded: transmission.count)
}

@c @implementation
public func mote_mqtt_sent(_ session: UnsafeMutablePointer<mote_mqtt>!, _ length: Int, _ now: UInt64) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  let object = unsafe value(session)
  guard unsafe object.pointee.value.canHaveSent(length) else { return MOTE_ERROR_ARGUMENT }
  unsafe object.pointee.value.sent(length, now: now)
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_space(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>!
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
  let space = unsafe value(session).pointee.value.space()
  unsafe bytes.pointee = space.pointer
  return Int32(truncatingIfNeeded: space.count)
}

@c @implementation
public func mote_mqtt_received(_ session: UnsafeMutablePointer<mote_mqtt>!, _ length: Int) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  let object = unsafe value(session)
  guard unsafe object.pointee.value.canHaveReceived(length) else { return MOTE_ERROR_ARGUMENT }
  unsafe object.pointee.value.received(length)
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_next(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ now: UInt64, _ event: UnsafeMutablePointer<mote_mqtt_event>!
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let event = unsafe event else { return MOTE_ERROR_ARGUMENT }
  var next = Event()
  do throws(Failure) {
    guard try unsafe value(session).pointee.value.next(&next, now: now) else { return 0 }
  } catch {
    return error.code
  }
  unsafe event.initialize(
    to: mote_mqtt_event(
      kind: Int32(next.kind.rawValue), flags: Int32(next.flags.rawValue), token: Int32(truncatingIfNeeded: next.token),
      session_present: next.sessionPresent ? 1 : 0, topic: next.topic.pointer, topic_length: next.topicCount,
      payload: next.payload.pointer, payload_length: next.payload.count, offset: next.offset, total: next.total))
  return 1
}

@c @implementation
public func mote_mqtt_hold(_ session: UnsafeMutablePointer<mote_mqtt>!) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe value(session).pointee.value.hold()
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_accept(_ session: UnsafeMutablePointer<mote_mqtt>!, _ token: Int32) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe value(session).pointee.value.accept(Int(token))
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_deadline(_ session: UnsafePointer<mote_mqtt>!) -> UInt64 {
  // Sound: it is only read, and the mark has been seen.
  guard let session = unsafe UnsafeMutablePointer(mutating: session), unsafe check(session) == MOTE_OK else { return .max }
  return unsafe value(session).pointee.value.deadline
}
