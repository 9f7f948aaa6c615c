// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes
import MoteHub
import MoteTLS
import MoteTransport

typealias UploadObject = Object<Upload>

@inline(__always)
private func object(_ upload: UnsafeMutablePointer<mote_upload>) -> UnsafeMutablePointer<UploadObject> {
  // Sound: `check` has seen the mark that only `mote_upload_init` writes.
  unsafe UnsafeMutableRawPointer(upload).assumingMemoryBound(to: UploadObject.self)
}

@c @implementation
public func mote_upload_init(
  _ upload: UnsafeMutablePointer<mote_upload>!, _ size: Int, _ client: UnsafeMutablePointer<mote_client>!,
  _ options: UnsafePointer<mote_upload_options>!
) -> mote_status {
  let status = unsafe check(client)
  if status != 0 { return status }
  guard size >= MemoryLayout<UploadObject>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_upload_options()
  guard let upload = unsafe upload, let client = unsafe client,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_upload_options>.size),
    let port = unsafe given.port, unsafe isComplete(port), unsafe given.port_number < 65_536,
    let memory = unsafe sharedRegion(given.buffer, given.capacity), unsafe given.attempts < 256,
    unsafe object(client).pointee.value.identity.module.count == 0
  else { return MOTE_ERROR_ARGUMENT }
  guard let tls = unsafe given.tls else { return MOTE_ERROR_NO_TLS }
  guard memory.count >= Upload.leastMemory else { return MOTE_ERROR_BUFFER_TOO_SMALL }
  var limits = Upload.Options()
  if unsafe given.block_size != 0 { limits.blockSize = unsafe given.block_size }
  if unsafe given.response_milliseconds != 0 { limits.response = unsafe given.response_milliseconds }
  if unsafe given.attempts != 0 { limits.attempts = unsafe UInt8(truncatingIfNeeded: given.attempts) }
  let portNumber = unsafe given.port_number == 0 ? 443 : UInt16(truncatingIfNeeded: given.port_number)
  // Sound: mote_upload.h says that what it is made of outlives it.
  unsafe UnsafeMutableRawPointer(upload).bindMemory(to: UploadObject.self, capacity: 1)
    .initialize(
      to: UploadObject(
        mark: UInt(bitPattern: upload),
        value: Upload(
          object(client).pointee.value, port: Port(port), tls: TLS(tls), portNumber: portNumber, memory: memory,
          options: limits)))
  return MOTE_OK
}

@c @implementation
public func mote_upload_start(
  _ upload: UnsafeMutablePointer<mote_upload>!, _ file: UnsafePointer<mote_upload_file>!, _ now: UInt64
) -> mote_status {
  let status = unsafe check(upload)
  if status != 0 { return status }
  var given = unsafe mote_upload_file()
  guard unsafe copyOptions(file, to: &given, count: MemoryLayout<mote_upload_file>.size),
    let name = unsafe sharedRegion(given.blob_name, given.blob_name_length),
    let type = unsafe sharedRegion(given.content_type, given.content_type_length), type.count < 256,
    let read = unsafe given.read
  else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    try unsafe object(upload).pointee.value.start(
      UploadSource(read, context: given.context), length: given.length, name: name, type: type, now: now)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_upload_poll(
  _ upload: UnsafeMutablePointer<mote_upload>!, _ now: UInt64, _ event: UnsafeMutablePointer<mote_upload_event>!
) -> Int32 {
  let status = unsafe check(upload)
  if status != 0 { return status }
  guard let event = unsafe event else { return MOTE_ERROR_ARGUMENT }
  let object = unsafe object(upload)
  var next = UploadEvent()
  unsafe object.pointee.mark &+= 1
  let isEvent = unsafe object.pointee.value.poll(now: now, &next)
  unsafe object.pointee.mark &-= 1
  unsafe event.initialize(
    to: mote_upload_event(
      kind: next.kind.rawValue, status: next.status, step: next.step.rawValue, code: next.code,
      wait: (next.waitsToRead ? MOTE_WAIT_READ : 0) | (next.waitsToWrite ? MOTE_WAIT_WRITE : 0),
      deadline: next.deadline, offset: next.offset))
  return isEvent ? 1 : 0
}

@c @implementation
public func mote_upload_cancel(_ upload: UnsafeMutablePointer<mote_upload>!) -> mote_status {
  let status = unsafe check(upload)
  if status != 0 { return status }
  do throws(Failure) {
    try unsafe object(upload).pointee.value.cancel()
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_upload_tracking(
  _ upload: UnsafeMutablePointer<mote_upload>!, _ text: UnsafeMutablePointer<CChar>!
) -> Int32 {
  let status = unsafe check(upload)
  if status != 0 { return status }
  guard let text = unsafe text, let room = unsafe sharedRegion(text, Int(MOTE_TRACKING_LENGTH)) else {
    return MOTE_ERROR_ARGUMENT
  }
  return unsafe Int32(truncatingIfNeeded: object(upload).pointee.value.hubTracking(into: room))
}
