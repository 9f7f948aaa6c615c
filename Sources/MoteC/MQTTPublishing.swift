// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteMQTT

@c @implementation
public func mote_mqtt_publish(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ topic: UnsafePointer<CChar>!, _ topicLength: Int,
  _ payload: UnsafePointer<UInt8>!, _ payloadLength: Int, _ flags: Int32
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let topic = unsafe region(topic, topicLength), let payload = unsafe region(payload, payloadLength),
    flags & ~(MOTE_QOS_1 | MOTE_RETAIN) == 0
  else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe value(session)
  do throws(Failure) {
    let token = try unsafe object.pointee.value.publish(
      topic.bytes, payload: payload.bytes, MessageFlags(rawValue: UInt8(truncatingIfNeeded: flags)))
    return Int32(truncatingIfNeeded: token)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_mqtt_publish_pieces(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ topic: UnsafePointer<CChar>!, _ topicLength: Int,
  _ payloadLength: Int, _ flags: Int32
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let topic = unsafe region(topic, topicLength), flags & ~(MOTE_QOS_1 | MOTE_RETAIN) == 0 else {
    return MOTE_ERROR_ARGUMENT
  }
  let object = unsafe value(session)
  var isAgain = false
  while true {
    do throws(Failure) {
      var writer = unsafe object.pointee.value.compose()
      writer.append(topic.bytes)
      let token = try unsafe object.pointee.value.publish(
        writer, pieces: payloadLength, MessageFlags(rawValue: UInt8(truncatingIfNeeded: flags)))
      return Int32(truncatingIfNeeded: token)
    } catch {
      // An outbox that drops messages has made room.
      if isAgain || error != .outboxFull { return error.code }
      isAgain = true
    }
  }
}

@c @implementation
public func mote_mqtt_wanted(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>!,
  _ offset: UnsafeMutablePointer<Int>!
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let bytes = unsafe bytes, let offset = unsafe offset else { return MOTE_ERROR_ARGUMENT }
  guard let wanted = unsafe value(session).pointee.value.wanted else { return 0 }
  unsafe bytes.pointee = wanted.room.pointer
  unsafe offset.pointee = wanted.offset
  return Int32(truncatingIfNeeded: wanted.room.count)
}

@c @implementation
public func mote_mqtt_supplied(_ session: UnsafeMutablePointer<mote_mqtt>!, _ length: Int) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe value(session).pointee.value.supplied(length)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_mqtt_drop(_ session: UnsafeMutablePointer<mote_mqtt>!, _ token: Int32) -> mote_status {
  let status = unsafe check(session)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe value(session).pointee.value.drop(Int(token))
  } catch {
    return error.code
  }
  return MOTE_OK
}

/// SUBSCRIBE, or UNSUBSCRIBE, which says no quality of service.
private func request(
  _ session: UnsafeMutablePointer<mote_mqtt>?, _ filters: UnsafePointer<mote_mqtt_filter>?, _ count: Int,
  subscribes: Bool
) -> Int32 {
  let status = unsafe check(session)
  if status != 0 { return status }
  guard let session = unsafe session, let filters = unsafe filters, count > 0, count < 256 else {
    return MOTE_ERROR_ARGUMENT
  }
  let object = unsafe value(session)
  var writer = unsafe object.pointee.value.compose()
  for place in 0..<count {
    // Sound: the caller gave `count` filters.
    let filter = unsafe filters[place]
    guard unsafe filter.quality_of_service | 1 == 1 else { return MOTE_ERROR_ARGUMENT }
    guard unsafe filter.filter_length > 0,
      unsafe append(filter.filter, filter.filter_length, isText: true, to: &writer)
    else { return MOTE_ERROR_TOPIC }
    if subscribes { unsafe writer.append(UInt8(truncatingIfNeeded: filter.quality_of_service)) }
  }
  do throws(Failure) {
    let token =
      subscribes
      ? try unsafe object.pointee.value.subscribe(writer, filters: count)
      : try unsafe object.pointee.value.unsubscribe(writer, filters: count)
    return Int32(truncatingIfNeeded: token)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_mqtt_subscribe(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ filters: UnsafePointer<mote_mqtt_filter>!, _ count: Int
) -> Int32 {
  unsafe request(session, filters, count, subscribes: true)
}

@c @implementation
public func mote_mqtt_unsubscribe(
  _ session: UnsafeMutablePointer<mote_mqtt>!, _ filters: UnsafePointer<mote_mqtt_filter>!, _ count: Int
) -> Int32 {
  unsafe request(session, filters, count, subscribes: false)
}
