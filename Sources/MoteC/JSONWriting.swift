// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteHub
import MoteJSON

private typealias WriterObject = Object<JSONWriter>

@c @implementation
public func mote_json_writer_init(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ size: Int, _ buffer: UnsafeMutablePointer<UInt8>!,
  _ capacity: Int
) -> mote_status {
  guard size >= MemoryLayout<WriterObject>.size else { return MOTE_ERROR_SIZE }
  guard let writer = unsafe writer, let room = unsafe sharedRegion(buffer, capacity) else {
    return MOTE_ERROR_ARGUMENT
  }
  unsafe UnsafeMutableRawPointer(writer).bindMemory(to: WriterObject.self, capacity: 1)
    .initialize(to: WriterObject(mark: UInt(bitPattern: writer), value: JSONWriter(room)))
  return MOTE_OK
}

/// The writer, or nil when there is none: what is written to none is told in the end, by ``mote_json_finish``.
@inline(__always)
private func object(_ writer: UnsafeMutablePointer<mote_json_writer>?) -> UnsafeMutablePointer<WriterObject>? {
  guard let writer = unsafe writer, unsafe check(writer) == MOTE_OK else { return nil }
  // Sound: the mark was seen that only `mote_json_writer_init` writes.
  return unsafe UnsafeMutableRawPointer(writer).assumingMemoryBound(to: WriterObject.self)
}

/// The caller's text; when there cannot be such text, the writer refuses.
@inline(never)
private func text(
  _ writer: UnsafeMutablePointer<WriterObject>, _ start: UnsafePointer<CChar>?, _ length: Int
) -> Region {
  if let text = unsafe sharedRegion(start, length) { return text }
  unsafe writer.pointee.value.fail(.argument)
  return .empty
}

@c @implementation
public func mote_json_begin_object(_ writer: UnsafeMutablePointer<mote_json_writer>!) {
  unsafe object(writer)?.pointee.value.beginObject()
}

@c @implementation
public func mote_json_begin_array(_ writer: UnsafeMutablePointer<mote_json_writer>!) {
  unsafe object(writer)?.pointee.value.beginArray()
}

@c @implementation
public func mote_json_end(_ writer: UnsafeMutablePointer<mote_json_writer>!) {
  unsafe object(writer)?.pointee.value.end()
}

@c @implementation
public func mote_json_name(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ start: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let text = unsafe text(object, start, length)
  unsafe object.pointee.value.name(text.bytes)
}

@c @implementation
public func mote_json_string(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ start: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let text = unsafe text(object, start, length)
  unsafe object.pointee.value.string(text.bytes)
}

@c @implementation
public func mote_json_integer(_ writer: UnsafeMutablePointer<mote_json_writer>!, _ value: Int64) {
  unsafe object(writer)?.pointee.value.integer(value)
}

@c @implementation
public func mote_json_decimal(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ value: Int64, _ decimals: Int32
) {
  unsafe object(writer)?.pointee.value.fixedPoint(value, decimals: Int(decimals))
}

@c @implementation
public func mote_json_bool(_ writer: UnsafeMutablePointer<mote_json_writer>!, _ value: Int32) {
  unsafe object(writer)?.pointee.value.bool(value != 0)
}

@c @implementation
public func mote_json_null(_ writer: UnsafeMutablePointer<mote_json_writer>!) {
  unsafe object(writer)?.pointee.value.null()
}

@c @implementation
public func mote_json_raw(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ start: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let text = unsafe text(object, start, length)
  unsafe object.pointee.value.raw(text.bytes)
}

@c @implementation
public func mote_json_begin_component(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ name: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let name = unsafe text(object, name, length)
  unsafe object.pointee.value.beginComponent(name.bytes)
}

@c @implementation
public func mote_json_begin_acknowledgement(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ name: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let name = unsafe text(object, name, length)
  unsafe object.pointee.value.beginAcknowledgement(name.bytes)
}

@c @implementation
public func mote_json_end_acknowledgement(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ code: Int32, _ version: Int64,
  _ description: UnsafePointer<CChar>!, _ length: Int
) {
  guard let object = unsafe object(writer) else { return }
  let text = unsafe text(object, description, length)
  guard code >= 0 else { return unsafe object.pointee.value.fail(.argument) }
  unsafe object.pointee.value.endAcknowledgement(
    status: UInt(bitPattern: Int(code)), version: version, description: description == nil ? nil : text.bytes)
}

@c @implementation
public func mote_json_finish(_ writer: UnsafeMutablePointer<mote_json_writer>!) -> Int32 {
  let status = unsafe check(writer)
  if status != 0 { return status }
  guard let object = unsafe object(writer) else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    return Int32(truncatingIfNeeded: try unsafe object.pointee.value.finish().count)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_json_size_needed(_ writer: UnsafePointer<mote_json_writer>!) -> Int {
  // Sound: it is only read.
  guard let object = unsafe object(UnsafeMutablePointer(mutating: writer)) else { return 0 }
  return unsafe object.pointee.value.count
}
