// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteHub
import MoteMQTT
import MoteTLS
import MoteTransport

typealias ClientObject = Object<DeviceClient>

@c @implementation
public func mote_client_init(
  _ client: UnsafeMutablePointer<mote_client>!, _ size: Int, _ options: UnsafePointer<mote_client_options>!
) -> mote_status {
  guard size >= MemoryLayout<ClientObject>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_client_options()
  guard let client = unsafe client,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_client_options>.size),
    let text = unsafe sharedRegion(given.connection_string, given.connection_string_length),
    let endpoint = unsafe sharedRegion(given.endpoint, given.endpoint_length),
    let port = unsafe given.port, unsafe isComplete(port), unsafe given.endpoint_port < 65_536,
    unsafe given.receives_messages | 1 == 1,
    let model = unsafe sharedRegion(given.model_id, given.model_id_length),
    let product = unsafe sharedRegion(given.product_info, given.product_info_length),
    // Longer than any; a length that is absurd is not followed.
    text.count | endpoint.count | model.count | product.count < 4_096
  else { return MOTE_ERROR_ARGUMENT }
  guard let tls = unsafe given.tls else { return MOTE_ERROR_NO_TLS }
  do throws(Failure) {
    let identity = try Identity(connectionString: text, signsElsewhere: unsafe given.sign != nil)
    var limits = DeviceClient.Options()
    unsafe set(&limits.tokenSeconds, given.token_seconds)
    unsafe set(&limits.patience.resolve, given.resolve_milliseconds)
    unsafe set(&limits.patience.connect, given.connect_milliseconds)
    unsafe set(&limits.patience.handshake, given.handshake_milliseconds)
    unsafe set(&limits.source, given.source_milliseconds)
    unsafe set(&limits.backoff.base, given.retry_milliseconds)
    unsafe set(&limits.backoff.most, given.retry_limit_milliseconds)
    unsafe set(&limits.backoff.stable, given.stable_milliseconds)
    limits.receivesMessages = unsafe given.receives_messages == 1
    // A module has inputs instead of cloud-to-device messages.
    if limits.receivesMessages && identity.module.count > 0 { return MOTE_ERROR_ARGUMENT }
    let signer = unsafe Signer(key: identity.key, callback: given.sign, context: given.sign_context)
    let portNumber = unsafe UInt16(truncatingIfNeeded: given.endpoint_port)
    // Sound: mote.h says that port and TLS outlive the client. A mark is a number, which needs no initialising.
    let object = unsafe UnsafeMutableRawPointer(client).bindMemory(to: ClientObject.self, capacity: 1)
    unsafe object.pointee.mark = UInt(bitPattern: client)
    unsafe withUnsafeMutablePointer(to: &object.pointee.value) {
      unsafe $0.initialize(
        to: DeviceClient(
          identity, signer: signer, port: Port(port), tls: TLS(tls), endpoint: endpoint, portNumber: portNumber,
          options: limits))
    }
    unsafe object.pointee.value.announce(product: product, model: model)
  } catch {
    return error.code
  }
  return MOTE_OK
}

/// Whether a port has all its functions.
func isComplete(_ port: UnsafePointer<mote_port>) -> Bool {
  // Sound: it is its context, and then a pointer for each function.
  let count = unsafe MemoryLayout<mote_port>.size / MemoryLayout<UInt>.size
  return unsafe port.withMemoryRebound(to: UInt.self, capacity: count) {
    for place in 1..<count where unsafe $0[place] == 0 { return false }
    return true
  }
}

/// Takes a limit that the caller has set.
@inline(__always) private func set(_ limit: inout UInt32, _ value: UInt32) {
  if value != 0 { limit = value }
}

@inline(__always)
func object(_ client: UnsafeMutablePointer<mote_client>) -> UnsafeMutablePointer<ClientObject> {
  // Sound: `check` has seen the mark that only `mote_client_init` writes.
  unsafe UnsafeMutableRawPointer(client).assumingMemoryBound(to: ClientObject.self)
}

@c @implementation
public func mote_use_mqtt(
  _ client: UnsafeMutablePointer<mote_client>!, _ options: UnsafePointer<mote_mqtt_options>!
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let memory = unsafe MQTTMemory(options) else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(client)
  do throws(Failure) {
    try unsafe object.pointee.value.use(memory)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_connect(_ client: UnsafeMutablePointer<mote_client>!, _ now: UInt64) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  let object = unsafe object(client)
  guard unsafe object.pointee.value.isUsable else { return MOTE_ERROR_MQTT_NOT_USED }
  do throws(Failure) {
    try unsafe object.pointee.value.connect(now: now)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_disconnect(_ client: UnsafeMutablePointer<mote_client>!, _ now: UInt64) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  let object = unsafe object(client)
  unsafe object.pointee.mark &+= 1
  defer { unsafe object.pointee.mark &-= 1 }
  do throws(Failure) {
    try unsafe object.pointee.value.disconnect(now: now)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_poll(
  _ client: UnsafeMutablePointer<mote_client>!, _ now: UInt64, _ event: UnsafeMutablePointer<mote_event>!
) -> Int32 {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let event = unsafe event else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(client)
  unsafe object.pointee.mark &+= 1
  // Sound: its storage is the caller's, and a DeviceEvent is that and nothing else.
  let isEvent = unsafe event.withMemoryRebound(to: DeviceEvent.self, capacity: 1) {
    unsafe object.pointee.value.poll(now: now, &$0.pointee)
  }
  unsafe object.pointee.mark &-= 1
  return isEvent ? 1 : 0
}

@c @implementation
public func mote_send(
  _ client: UnsafeMutablePointer<mote_client>!, _ telemetry: UnsafePointer<mote_telemetry>!
) -> Int32 {
  let status = unsafe check(client)
  if status != 0 { return status }
  var given = unsafe mote_telemetry()
  guard unsafe copyOptions(telemetry, to: &given, count: MemoryLayout<mote_telemetry>.size),
    unsafe given.property_count >= 0 && given.property_count < 65_536,
    unsafe given.properties != nil || given.property_count == 0, unsafe given.at_most_once | 1 == 1,
    unsafe given.payload_length >= 0
  else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(client)
  guard unsafe object.pointee.value.isUsable else { return MOTE_ERROR_MQTT_NOT_USED }
  let dropped = unsafe object.pointee.value.dropped
  var token = unsafe send(object, &given)
  // An outbox that drops messages has made room for what had none.
  if unsafe token == MOTE_ERROR_OUTBOX_FULL && object.pointee.value.dropped != dropped {
    token = unsafe send(object, &given)
  }
  return token
}

/// Writes a message into the outbox: its token, or an error.
@inline(never) private func send(
  _ object: UnsafeMutablePointer<ClientObject>, _ given: UnsafePointer<mote_telemetry>
) -> Int32 {
  var message = unsafe object.pointee.value.compose()
  var place = 0
  while unsafe place < given.pointee.property_count {
    // Sound: the caller gave `property_count` properties.
    guard let property = unsafe given.pointee.properties?[place],
      let name = unsafe sharedRegion(property.name, property.name_length),
      let value = unsafe sharedRegion(property.value, property.value_length)
    else { return MOTE_ERROR_ARGUMENT }
    guard name.count > 0 else { return MOTE_ERROR_PROPERTY }
    // More than any message; a length that is absurd is not followed.
    guard (name.count | value.count) &>> 19 == 0 else { return MOTE_ERROR_TOO_LARGE }
    message.append(name.bytes, unsafe property.value == nil ? nil : value.bytes)
    place &+= 1
  }
  let payload: Region
  let source: PayloadSource?
  if let read = unsafe given.pointee.source {
    guard unsafe given.pointee.at_most_once == 0 else { return MOTE_ERROR_ARGUMENT }
    source = unsafe PayloadSource(read, context: given.pointee.source_context)
    payload = .empty
  } else {
    guard let bytes = unsafe sharedRegion(given.pointee.payload, given.pointee.payload_length) else {
      return MOTE_ERROR_ARGUMENT
    }
    source = nil
    payload = bytes
  }
  do throws(Failure) {
    let token = try unsafe object.pointee.value.send(
      message, payload: payload.bytes, source: source, length: given.pointee.payload_length,
      atMostOnce: given.pointee.at_most_once == 1, expires: given.pointee.expires)
    return Int32(truncatingIfNeeded: token)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_client_size_needed(_ client: UnsafePointer<mote_client>!) -> Int {
  // Sound: it is only read, and the mark has been seen.
  guard let client = unsafe UnsafeMutablePointer(mutating: client), unsafe check(client) == MOTE_OK else { return 0 }
  return unsafe object(client).pointee.value.sizeNeeded
}

@c @implementation
public func mote_hold(_ client: UnsafeMutablePointer<mote_client>!) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe object(client).pointee.value.hold()
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_accept(_ client: UnsafeMutablePointer<mote_client>!, _ token: Int32) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe object(client).pointee.value.accept(Int(token))
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_client_last_error(
  _ client: UnsafePointer<mote_client>!, _ error: UnsafeMutablePointer<mote_error>!
) -> mote_status {
  // Sound: it is only read, and the mark has been seen.
  let client = unsafe UnsafeMutablePointer(mutating: client)
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let client = unsafe client, let error = unsafe error else { return MOTE_ERROR_ARGUMENT }
  let last = unsafe object(client).pointee.value.lastError
  unsafe error.initialize(to: mote_error(step: last.step.rawValue, status: last.status, library_code: last.libraryCode))
  return MOTE_OK
}

@c @implementation
public func mote_client_statistics(
  _ client: UnsafePointer<mote_client>!, _ statistics: UnsafeMutablePointer<mote_statistics>!
) -> mote_status {
  // Sound: it is only read, and the mark has been seen.
  let client = unsafe UnsafeMutablePointer(mutating: client)
  let status = unsafe check(client)
  if status != 0 { return status }
  guard let client = unsafe client, let statistics = unsafe statistics else { return MOTE_ERROR_ARGUMENT }
  let size = unsafe statistics.pointee.size
  guard size >= MemoryLayout<Int>.size && size <= 4_096 else { return MOTE_ERROR_ARGUMENT }
  // Sound: both have one layout, which a test compares, and `size` bytes are the caller's.
  let counted = unsafe object(client).pointee.value.statistics
  unsafe withUnsafeBytes(of: counted) {
    unsafe UnsafeMutableRawPointer(statistics).copyMemory(
      from: $0.baseAddress.unsafelyUnwrapped, byteCount: min(size, $0.count))
  }
  return MOTE_OK
}
