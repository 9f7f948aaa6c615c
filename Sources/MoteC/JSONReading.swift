// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteJSON

private typealias ReaderObject = Object<JSONReader>

@c @implementation
public func mote_json_reader_init(
  _ reader: UnsafeMutablePointer<mote_json_reader>!, _ size: Int, _ buffer: UnsafeMutablePointer<CChar>!,
  _ capacity: Int, _ depth: Int32
) -> mote_status {
  guard size >= MemoryLayout<ReaderObject>.size else { return MOTE_ERROR_SIZE }
  guard let reader = unsafe reader, let room = unsafe sharedRegion(buffer, capacity),
    room.count >= 4 && depth >= 0 && depth <= MOTE_JSON_DEPTH
  else { return MOTE_ERROR_ARGUMENT }
  unsafe UnsafeMutableRawPointer(reader).bindMemory(to: ReaderObject.self, capacity: 1)
    .initialize(
      to: ReaderObject(
        mark: UInt(bitPattern: reader), value: JSONReader(buffer: room, depthLimit: Int(depth))))
  return MOTE_OK
}

@inline(__always)
private func object(_ reader: UnsafeMutablePointer<mote_json_reader>) -> UnsafeMutablePointer<ReaderObject> {
  // Sound: `check` has seen the mark that only `mote_json_reader_init` writes.
  unsafe UnsafeMutableRawPointer(reader).assumingMemoryBound(to: ReaderObject.self)
}

@c @implementation
public func mote_json_feed(
  _ reader: UnsafeMutablePointer<mote_json_reader>!, _ bytes: UnsafePointer<UInt8>!, _ length: Int, _ isLast: Int32
) -> mote_status {
  let status = unsafe check(reader)
  if status != 0 { return status }
  guard let piece = unsafe sharedRegion(bytes, length), isLast | 1 == 1 else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    try unsafe object(reader).pointee.value.feed(piece, isLast: isLast == 1)
  } catch {
    return error.code
  }
  return MOTE_OK
}

@c @implementation
public func mote_json_next(
  _ reader: UnsafeMutablePointer<mote_json_reader>!, _ token: UnsafeMutablePointer<mote_json_token>!
) -> Int32 {
  let status = unsafe check(reader)
  if status != 0 { return status }
  guard let token = unsafe token else { return MOTE_ERROR_ARGUMENT }
  do throws(Failure) {
    guard let next = try unsafe object(reader).pointee.value.next() else { return 0 }
    // Sound: its storage is the caller's, and numbers and pointers need no initialising.
    unsafe token.pointee.kind = Int32(next.kind.rawValue)
    unsafe token.pointee.depth = Int32(next.depth)
    unsafe token.pointee.complete = next.isComplete ? 1 : 0
    unsafe token.pointee.text = UnsafeRawPointer(next.text.pointer).assumingMemoryBound(to: CChar.self)
    unsafe token.pointee.text_length = next.text.count
    unsafe token.pointee.offset = next.offset
    return 1
  } catch {
    return error.code
  }
}

@c @implementation
public func mote_json_skip(_ reader: UnsafeMutablePointer<mote_json_reader>!) -> mote_status {
  let status = unsafe check(reader)
  if status == 0 { unsafe object(reader).pointee.value.skip() }
  return status
}

@c @implementation
public func mote_json_offset(_ reader: UnsafePointer<mote_json_reader>!) -> Int {
  // Sound: it is only read, and the mark has been seen.
  guard let reader = unsafe UnsafeMutablePointer(mutating: reader), unsafe check(reader) == MOTE_OK else { return 0 }
  return unsafe object(reader).pointee.value.offset
}

/// The token's text, when it is all there.
@inline(never) private func wholeText(_ token: UnsafePointer<mote_json_token>?) -> Region? {
  guard let token = unsafe token, unsafe token.pointee.complete == 1 && token.pointee.offset == 0 else { return nil }
  return unsafe sharedRegion(token.pointee.text, token.pointee.text_length)
}

@c @implementation
public func mote_json_equals(
  _ token: UnsafePointer<mote_json_token>!, _ text: UnsafePointer<CChar>!, _ length: Int
) -> Int32 {
  guard let whole = unsafe wholeText(token), let text = unsafe sharedRegion(text, length) else { return 0 }
  return whole.bytes.equals(text.bytes) ? 1 : 0
}

@c @implementation
public func mote_json_int32(
  _ token: UnsafePointer<mote_json_token>!, _ value: UnsafeMutablePointer<Int32>!
) -> mote_status {
  var number: Int64 = 0
  let status = unsafe mote_json_int64(token, &number)
  if status != 0 { return status }
  guard let value = unsafe value else { return MOTE_ERROR_ARGUMENT }
  let low = Int32(truncatingIfNeeded: number)
  // The upper half repeats the sign of the lower.
  guard Int32(truncatingIfNeeded: number &>> 32) == low &>> 31 else { return MOTE_ERROR_JSON_RANGE }
  unsafe value.pointee = low
  return MOTE_OK
}

@c @implementation
public func mote_json_int64(
  _ token: UnsafePointer<mote_json_token>!, _ value: UnsafeMutablePointer<Int64>!
) -> mote_status {
  var number: Int64 = 0
  let status = unsafe mote_json_fixed_point(token, 0, &number)
  if status != 0 { return status > 0 ? MOTE_ERROR_JSON_KIND : status }
  guard let value = unsafe value else { return MOTE_ERROR_ARGUMENT }
  unsafe value.pointee = number
  return MOTE_OK
}

@c @implementation
public func mote_json_fixed_point(
  _ token: UnsafePointer<mote_json_token>!, _ decimals: Int32, _ value: UnsafeMutablePointer<Int64>!
) -> Int32 {
  guard let value = unsafe value, decimals >= 0 && decimals <= 18 else { return MOTE_ERROR_ARGUMENT }
  guard let text = unsafe wholeText(token), unsafe token.pointee.kind == MOTE_JSON_NUMBER else {
    return MOTE_ERROR_JSON_KIND
  }
  do throws(Failure) {
    let token = JSONToken(kind: .number, isComplete: true, depth: 0, offset: 0, text: text)
    let (number, isExact) = try token.fixedPoint(decimals: Int(decimals))
    unsafe value.pointee = number
    return isExact ? 0 : 1
  } catch {
    return error.code
  }
}
