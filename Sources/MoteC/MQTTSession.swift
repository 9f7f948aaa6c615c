// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteMQTT

typealias SessionObject = Object<Session>

extension MQTTMemory {
  /// What the C struct says, with defaults where it says nothing; nil when it cannot be.
  @inline(__always) init?(_ options: UnsafePointer<mote_mqtt_options>?) {
    var mqtt = unsafe mote_mqtt_options()
    guard unsafe copyOptions(options, to: &mqtt, count: MemoryLayout<mote_mqtt_options>.size),
      let receiving = unsafe sharedRegion(mqtt.receive_buffer, mqtt.receive_capacity),
      let outbox = unsafe sharedRegion(mqtt.outbox, mqtt.outbox_capacity)
    else { return nil }
    self.init(receiving: receiving, outbox: outbox)
    if unsafe mqtt.window != 0 { window = unsafe Int(truncatingIfNeeded: mqtt.window) }
    if unsafe mqtt.keep_alive_seconds != 0 {
      keepAliveSeconds = unsafe Int(truncatingIfNeeded: mqtt.keep_alive_seconds)
    }
    if unsafe mqtt.response_milliseconds != 0 { response = unsafe mqtt.response_milliseconds }
    guard let whenFull = unsafe WhenFull(rawValue: mqtt.when_full) else { return nil }
    self.whenFull = whenFull
  }
}

@c @implementation
public func mote_mqtt_init(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ size: Int, _ options: UnsafePointer<mote_mqtt_options>!
) -> mote_status {
  guard size >= MemoryLayout<SessionObject>.size else { return MOTE_ERROR_SIZE }
  guard let session = unsafe session, let memory = unsafe MQTTMemory(options), memory.isValid else {
    return MOTE_ERROR_ARGUMENT
  }
  let object = unsafe UnsafeMutableRawPointer(session).bindMemory(to: SessionObject.self, capacity: 1)
  // Sound: the caller's memory becomes an object member by member, so that the session is made where it stays.
  unsafe object.pointee.mark = UInt(bitPattern: session)
  unsafe withUnsafeMutablePointer(to: &object.pointee.value) {
    unsafe $0.initialize(to: Session())
    unsafe $0.pointee.use(memory)
  }
  return MOTE_OK
}

@inline(__always)
func value(_ session: UnsafeMutablePointer<mote_mqtt>) -> UnsafeMutablePointer<SessionObject> {
  // Sound: `check` has seen the mark that only `mote_mqtt_init` writes.
  unsafe UnsafeMutableRawPointer(session).assumingMemoryBound(to: SessionObject.self)
}

/// Appends a field of CONNECT, or a filter. False when there cannot be such bytes, or text is none.
@inline(never) func append(_ start: UnsafeRawPointer?, _ count: Int, isText: Bool, to writer: inout Writer) -> Bool {
  // No such field is longer; a length that is absurd is not followed.
  guard count < 0x1_0000, let field = unsafe region(start, count), !isText || field.bytes.isMQTTText else {
    return false
  }
  writer.appendField(field.bytes)
  return true
}

@c @implementation
public func mote_mqtt_connect(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ connection: UnsafePointer<mote_mqtt_connection>!, _ now: UInt64
) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  var given = unsafe mote_mqtt_connection()
  guard unsafe copyOptions(connection, to: &given, count: MemoryLayout<mote_mqtt_connection>.size),
    unsafe given.client_identifier_length > 0 || given.clean_session == 1,
    unsafe given.password == nil || given.user_name != nil
  else { return MOTE_ERROR_ARGUMENT }
  var bits: Int32 = unsafe given.clean_session &<< 1
  var allowed = unsafe given.clean_session
  if let will = unsafe given.will {
    bits |= unsafe 0x04 | will.pointee.quality_of_service &<< 3 | will.pointee.retain &<< 5
    allowed |= unsafe will.pointee.quality_of_service | will.pointee.retain
  }
  if unsafe given.user_name != nil { bits |= 0x80 }
  if unsafe given.password != nil { bits |= 0x40 }
  guard allowed & ~1 == 0 else { return MOTE_ERROR_ARGUMENT }
  let flags = ConnectFlags(rawValue: UInt8(truncatingIfNeeded: bits))
  let object = unsafe value(session)
  var writer = unsafe object.pointee.value.composeConnect(flags)
  var isGood = unsafe append(given.client_identifier, given.client_identifier_length, isText: true, to: &writer)
  if let will = unsafe given.will {
    isGood = unsafe append(will.pointee.topic, will.pointee.topic_length, isText: true, to: &writer) && isGood
    isGood = unsafe append(will.pointee.payload, will.pointee.payload_length, isText: false, to: &writer) && isGood
    isGood = unsafe will.pointee.topic_length > 0 && isGood
  }
  if flags.contains(.userName) {
    isGood = unsafe append(given.user_name, given.user_name_length, isText: true, to: &writer) && isGood
  }
  if flags.contains(.password) {
    isGood = unsafe append(given.password, given.password_length, isText: false, to: &writer) && isGood
  }
  guard isGood else {
    unsafe object.pointee.value.discardConnect()
    return MOTE_ERROR_ARGUMENT
  }
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
    return error.status
  }
  unsafe event.initialize(
    to: mote_mqtt_event(
      kind: Int32(next.kind.rawValue), flags: Int32(next.flags.rawValue), token: Int32(truncatingIfNeeded: next.token),
      session_present: next.sessionPresent ? 1 : 0, topic: pointer(next.topic), topic_length: next.topic.count,
      payload: pointer(next.payload), payload_length: next.payload.count, offset: next.offset, total: next.total,
      skipped_length: next.kind == .skipped ? next.topicCount : 0))
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
  guard let session = unsafe UnsafeMutablePointer(mutating: session), unsafe check(session) == MOTE_OK else {
    return .max
  }
  return unsafe value(session).pointee.value.deadline
}
