// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteMQTT

@c @implementation
public func mote_use_methods(
  _ client: UnsafeMutablePointer<mote_client>!, _ methods: UnsafeMutablePointer<mote_methods>!, _ size: Int,
  _ calls: UnsafeMutablePointer<mote_call>!, _ count: Int
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard size >= MemoryLayout<Methods>.size else { return MOTE_ERROR_SIZE }
  guard let methods = unsafe methods, count > 0 && count < 256,
    let slots = unsafe sharedRegion(calls, count &* Methods.slotSize)
  else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    // Sound: mote.h says that they stay as long as the client is used.
    try unsafe object(client).pointee.value.use(
      UnsafeMutableRawPointer(methods).bindMemory(to: Methods.self, capacity: 1), slots)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_respond(
  _ client: UnsafeMutablePointer<mote_client>!, _ token: Int32, _ status: Int32, _ payload: UnsafePointer<UInt8>!,
  _ payloadLength: Int
) -> mote_status {
  let result = unsafe check(client)
  if result != 0 { return result }
  guard status >= 0, let payload = unsafe sharedRegion(payload, payloadLength) else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    try unsafe object(client).pointee.value.respond(Int(token), UInt32(bitPattern: status), payload)
  } catch {
    return error.code
  }
  return MOTE_OK
}
