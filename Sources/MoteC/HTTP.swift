// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteHTTP

private typealias ConnectionObject = Object<HTTPConnection>

@inline(__always)
private func object(_ http: UnsafeMutablePointer<mote_http>) -> UnsafeMutablePointer<ConnectionObject> {
  // Sound: `check` has seen the mark that only `mote_http_init` writes.
  unsafe UnsafeMutableRawPointer(http).assumingMemoryBound(to: ConnectionObject.self)
}

@c @implementation
public func mote_http_init(
  _ http: UnsafeMutablePointer<mote_http>!, _ size: Int, _ options: UnsafePointer<mote_http_options>!
) -> mote_status {
  guard size >= MemoryLayout<ConnectionObject>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_http_options()
  guard let http = unsafe http,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_http_options>.size),
    let receiving = unsafe sharedRegion(given.receive_buffer, given.receive_capacity),
    let sending = unsafe sharedRegion(given.send_buffer, given.send_capacity)
  else { return MOTE_ERROR_ARGUMENT }
  let memory = HTTPMemory(receiving: receiving, sending: sending)
  guard memory.isValid else { return MOTE_ERROR_ARGUMENT }
  unsafe UnsafeMutableRawPointer(http).bindMemory(to: ConnectionObject.self, capacity: 1)
    .initialize(to: ConnectionObject(mark: UInt(bitPattern: http), value: HTTPConnection(memory)))
  return MOTE_OK
}

@c @implementation
public func mote_http_reset(_ http: UnsafeMutablePointer<mote_http>!) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  unsafe object(http).pointee.value.reset()
  return MOTE_OK
}

@c @implementation
public func mote_http_request(
  _ http: UnsafeMutablePointer<mote_http>!, _ request: UnsafePointer<mote_http_request_options>!
) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  var given = unsafe mote_http_request_options()
  guard unsafe copyOptions(request, to: &given, count: MemoryLayout<mote_http_request_options>.size),
    let method = unsafe sharedRegion(given.method, given.method_length),
    let target = unsafe sharedRegion(given.target, given.target_length),
    let host = unsafe sharedRegion(given.host, given.host_length),
    unsafe given.header_count >= 0 && given.header_count < 65_536
  else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(http)
  var writer = unsafe object.pointee.value.compose(method.bytes)
  writer.append(target.bytes)
  writer.endTarget(host: host.bytes)
  var place = 0
  while unsafe place < given.header_count {
    // Sound: the caller gave `header_count` headers.
    guard let header = unsafe given.headers?[place],
      let name = unsafe sharedRegion(header.name, header.name_length),
      let value = unsafe sharedRegion(header.value, header.value_length)
    else { return MOTE_ERROR_ARGUMENT }
    writer.appendHeader(name.bytes, value.bytes)
    place &+= 1
  }
  let body = unsafe sharedRegion(given.body, given.body_length)
  return unsafe HTTPConnection.send(
    &object.pointee.value, &writer, body: body ?? .empty, pieces: body == nil ? given.body_length : 0)
}

@c @implementation
public func mote_http_wanted(
  _ http: UnsafeMutablePointer<mote_http>!, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>!,
  _ offset: UnsafeMutablePointer<Int>!
) -> Int32 {
  let status = unsafe check(http)
  if status != 0 { return status }
  guard let bytes = unsafe bytes, let offset = unsafe offset else { return MOTE_ERROR_ARGUMENT }
  guard let wanted = unsafe object(http).pointee.value.wanted else { return 0 }
  unsafe bytes.pointee = wanted.room.pointer
  unsafe offset.pointee = wanted.offset
  return Int32(truncatingIfNeeded: wanted.room.count)
}

@c @implementation
public func mote_http_supplied(_ http: UnsafeMutablePointer<mote_http>!, _ length: Int) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  return unsafe HTTPConnection.supplied(&object(http).pointee.value, length)
}

@c @implementation
public func mote_http_transmission(
  _ http: UnsafeMutablePointer<mote_http>!, _ bytes: UnsafeMutablePointer<UnsafePointer<UInt8>?>!
) -> Int32 {
  let status = unsafe check(http)
  if status != 0 { return status }
  guard let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
  let transmission = unsafe object(http).pointee.value.transmission
  unsafe bytes.pointee = UnsafePointer(transmission.pointer)
  // A body can be longer than the result can say.
  return Int32(truncatingIfNeeded: min(transmission.count, Int(Int32.max)))
}

@c @implementation
public func mote_http_sent(_ http: UnsafeMutablePointer<mote_http>!, _ length: Int) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  let object = unsafe object(http)
  guard unsafe object.pointee.value.canHaveSent(length) else { return MOTE_ERROR_ARGUMENT }
  unsafe object.pointee.value.sent(length)
  return MOTE_OK
}

@c @implementation
public func mote_http_space(
  _ http: UnsafeMutablePointer<mote_http>!, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>!
) -> Int32 {
  let status = unsafe check(http)
  if status != 0 { return status }
  guard let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
  let space = unsafe object(http).pointee.value.space()
  unsafe bytes.pointee = space.pointer
  return Int32(truncatingIfNeeded: space.count)
}

@c @implementation
public func mote_http_received(_ http: UnsafeMutablePointer<mote_http>!, _ length: Int) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  let object = unsafe object(http)
  guard unsafe object.pointee.value.canHaveReceived(length) else { return MOTE_ERROR_ARGUMENT }
  unsafe object.pointee.value.received(length)
  return MOTE_OK
}

@c @implementation
public func mote_http_closed(_ http: UnsafeMutablePointer<mote_http>!) -> mote_status {
  let status = unsafe check(http)
  if status != 0 { return status }
  unsafe object(http).pointee.value.closed()
  return MOTE_OK
}

@c @implementation
public func mote_http_next(
  _ http: UnsafeMutablePointer<mote_http>!, _ event: UnsafeMutablePointer<mote_http_event>!
) -> Int32 {
  let status = unsafe check(http)
  if status != 0 { return status }
  guard let event = unsafe event else { return MOTE_ERROR_ARGUMENT }
  var next = HTTPEvent()
  do throws(Failure) {
    guard try unsafe object(http).pointee.value.next(&next) else { return 0 }
  } catch {
    return error.code
  }
  // Sound: its storage is the caller's, and numbers and pointers need no initialising.
  unsafe event.pointee.kind = Int32(next.kind.rawValue)
  unsafe event.pointee.status = next.status
  unsafe event.pointee.keeps_connection = next.keepsConnection ? 1 : 0
  unsafe event.pointee.name = text(next.name)
  unsafe event.pointee.name_length = next.name.count
  unsafe event.pointee.value = text(next.value)
  unsafe event.pointee.value_length = next.value.count
  unsafe event.pointee.body = pointer(next.piece)
  unsafe event.pointee.body_length = next.piece.count
  unsafe event.pointee.offset = next.offset
  unsafe event.pointee.total = next.total ?? -1
  return 1
}

@c @implementation
public func mote_http_is(
  _ event: UnsafePointer<mote_http_event>!, _ name: UnsafePointer<CChar>!, _ length: Int
) -> Int32 {
  guard let event = unsafe event, let own = unsafe sharedRegion(event.pointee.name, event.pointee.name_length),
    let name = unsafe sharedRegion(name, length)
  else { return 0 }
  return own.bytes.equalsIgnoringCase(name.bytes) ? 1 : 0
}
