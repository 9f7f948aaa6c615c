// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteMQTT

@c @implementation
public func mote_use_mqtt_websocket(
  _ client: UnsafeMutablePointer<mote_client>!, _ options: UnsafePointer<mote_mqtt_options>!,
  _ websocket: UnsafeMutablePointer<mote_websocket>!, _ size: Int
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard size >= MemoryLayout<SecureWebSocket>.size else { return MOTE_ERROR_SIZE }
  guard let websocket = unsafe websocket, let memory = unsafe MQTTMemory(options) else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(client)
  do throws(Failure) {
    // Sound: mote.h says that it stays as long as the client is used.
    try unsafe object.pointee.value.use(
      memory, over: UnsafeMutableRawPointer(websocket).bindMemory(to: SecureWebSocket.self, capacity: 1))
  } catch {
    return error.code
  }
  return MOTE_OK
}
