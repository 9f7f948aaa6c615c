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

/// The writer, when there is one: what is written to none is told in the end, by ``mote_json_finish``.
@inline(never)
private func object(_ writer: UnsafeMutablePointer<mote_json_writer>?) -> UnsafeMutablePointer<WriterObject>? {
  guard let writer = unsafe writer, unsafe check(writer) == MOTE_OK else { return nil }
  // Sound: the mark was seen that only `mote_json_writer_init` writes.
  return unsafe UnsafeMutableRawPointer(writer).assumingMemoryBound(to: WriterObject.self)
}

/// The writer and the caller's text. When there cannot be such text, the writer refuses, and gets none.
@inline(never)
private func object(
  _ writer: UnsafeMutablePointer<mote_json_writer>?, _ start: UnsafePointer<CChar>?, _ length: Int
) -> (object: UnsafeMutablePointer<WriterObject>, text: Region)? {
  guard let object = unsafe object(writer) else { return nil }
  if let text = unsafe sharedRegion(start, length) { return unsafe (object, text) }
  unsafe object.pointee.value.fail(.argument)
  return nil
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
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ text: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, text, length) else { return }
  unsafe object.pointee.value.name(text.bytes)
}

@c @implementation
public func mote_json_string(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ text: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, text, length) else { return }
  unsafe object.pointee.value.string(text.bytes)
}

@c @implementation
public func mote_json_integer(_ writer: UnsafeMutablePointer<mote_json_writer>!, _ value: Int64) {
  unsafe mote_json_decimal(writer, value, 0)
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
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ text: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, text, length) else { return }
  unsafe object.pointee.value.raw(text.bytes)
}

@c @implementation
public func mote_json_begin_component(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ name: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, name, length) else { return }
  unsafe object.pointee.value.beginComponent(text.bytes)
}

@c @implementation
public func mote_json_begin_acknowledgement(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ name: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, name, length) else { return }
  unsafe object.pointee.value.beginAcknowledgement(text.bytes)
}

@c @implementation
public func mote_json_end_acknowledgement(
  _ writer: UnsafeMutablePointer<mote_json_writer>!, _ code: Int32, _ version: Int64,
  _ description: UnsafePointer<CChar>!, _ length: Int
) {
  guard let (object, text) = unsafe object(writer, description, length) else { return }
  guard code >= 0 else { return unsafe object.pointee.value.fail(.argument) }
  unsafe object.pointee.value.endAcknowledgement(
    status: UInt(bitPattern: Int(code)), version: version, description: description == nil ? nil : text)
}

@c @implementation
public func mote_json_finish(_ writer: UnsafeMutablePointer<mote_json_writer>!) -> Int32 {
  guard let object = unsafe object(writer) else { return unsafe check(writer) }
  do throws(Failure) {
    return Int32(truncatingIfNeeded: try unsafe object.pointee.value.finish().count)
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_json_size_needed(_ writer: UnsafePointer<mote_json_writer>!) -> Int {
  // Sound: it is only read.
  unsafe object(UnsafeMutablePointer(mutating: writer))?.pointee.value.count ?? 0
}
