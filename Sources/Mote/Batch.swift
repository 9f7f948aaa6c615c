public import CMote
public import MoteBytes
import MoteHTTP
import MoteMQTT

/// The JSON document of a batch (protocol.md 12.3). It is written from the messages where they stand, a part at a time, and is
/// the same each time.
@safe package struct BatchDocument {
  private let batch: UnsafeMutablePointer<mote_batch>

  /// Unsafe, because the compiler cannot see that what `batch` points to stays.
  @unsafe package init(_ batch: UnsafeMutablePointer<mote_batch>) { unsafe self.batch = batch }

  /// How many bytes it has. Throws when a hub does not take it, or HTTP.
  package func measure() throws(Failure) -> Int {
    guard unsafe batch.pointee.message_count > 0 && batch.pointee.messages != nil else { throw .argument }
    var document = Window(.empty, at: 0)
    var size = 0
    var index = 0
    while unsafe index < batch.pointee.message_count {
      size = size.saturatingSum(try append(index, to: &document, isNew: true))
      // As the SDKs of the service count (protocol.md 12.3).
      guard size < 255 * 1_024 - 1 else { throw .tooLarge }
      index &+= 1
    }
    return document.place
  }

  /// Writes what it has from `offset` on into `room`. How many bytes; below zero when it has changed.
  package func read(at offset: Int, into room: Region) -> Int {
    if unsafe offset == 0 || offset < batch.pointee.next_offset {
      unsafe batch.pointee.next_message = 0
      unsafe batch.pointee.next_offset = 0
    }
    var window = unsafe Window(room, at: batch.pointee.next_offset &- offset)
    while unsafe window.place < room.count && batch.pointee.next_message < batch.pointee.message_count {
      let start = window.place
      guard unsafe (try? append(batch.pointee.next_message, to: &window, isNew: false)) != nil else { return -1 }
      // A message that did not fit goes on here the next time.
      if window.place > room.count { return room.count }
      unsafe batch.pointee.next_message &+= 1
      unsafe batch.pointee.next_offset &+= window.place &- start
    }
    return window.place
  }

  /// Gives the bytes as a payload source does, whose context is the batch.
  package static var source: mote_source {
    { (batch, offset, bytes, capacity) in
      // Sound: it is called with the batch, and with as many bytes.
      let document = unsafe BatchDocument(batch.unsafelyUnwrapped.assumingMemoryBound(to: mote_batch.self))
      let room = unsafe Region(start: bytes.unsafelyUnwrapped, count: capacity)
      return Int32(truncatingIfNeeded: document.read(at: offset, into: room))
    }
  }

  /// Appends a message, with what stands before and behind it; the names of one that is new are looked at. How many bytes it counts.
  @inline(never) private func append(_ index: Int, to window: inout Window, isNew: Bool) throws(Failure) -> Int {
    // Sound: the caller lends as many.
    let message = unsafe batch.pointee.messages + index
    window.append(UInt8(ascii: index == 0 ? "[" : ","))
    window.append("{\"body\":\"")
    let payload = try unsafe lent(message.pointee.payload, message.pointee.payload_length)
    window.appendBase64(payload.bytes)
    var size = 384 &+ payload.count
    var place = 0
    while unsafe place < message.pointee.property_count {
      guard let properties = unsafe message.pointee.properties else { throw .argument }
      // Sound: the caller lends as many.
      let property = unsafe properties + place
      let name = try unsafe lent(property.pointee.name, property.pointee.name_length)
      let value = try unsafe lent(property.pointee.value, property.pointee.value_length)
      guard name.count > 0, let header = HeaderName(ofProperty: name.bytes) else { throw .property }
      if isNew && !name.bytes.isToken { throw .httpField }
      window.append(place == 0 ? "\",\"properties\":{\"" : "\",\"")
      // A header's name has nothing to be escaped.
      window.append(header.text)
      if header.isPrefix { window.append(name.bytes) }
      window.append("\":\"")
      guard window.appendJSON(value.bytes) else { throw .httpField }
      size = size.saturatingSum(16 &+ name.count &+ value.count)
      place &+= 1
    }
    window.append(place == 0 ? "\"}" : "\"}}")
    if unsafe index &+ 1 == batch.pointee.message_count { window.append(UInt8(ascii: "]")) }
    return size
  }
}

extension Window {
  /// Appends what stands in a JSON string (RFC 8259, 7): printable ASCII and tabs. False when there is something else.
  @inline(never) fileprivate mutating func appendJSON(_ text: Span<UInt8>) -> Bool {
    for index in text.indices {
      var byte = text[index]
      if byte == UInt8(ascii: "\t") {
        append(UInt8(ascii: "\\"))
        byte = UInt8(ascii: "t")
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        append(UInt8(ascii: "\\"))
      } else if byte &- 0x20 > 0x5E {
        return false
      }
      append(byte)
    }
    return true
  }
}

/// Bytes that the caller lends. Throws when there cannot be such. Unsafe, because they have to be there.
@unsafe @inline(never) private func lent(_ start: UnsafeRawPointer?, _ count: Int) throws(Failure) -> Region {
  // More than any message; a length that is absurd is not followed.
  guard count &>> 18 == 0 else { throw .tooLarge }
  guard let start = unsafe start else {
    if count > 0 { throw .argument }
    return .empty
  }
  return unsafe Region(
    start: UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: UInt8.self), count: count)
}

extension DeviceClient {
  /// Over HTTPS: sends the messages of a batch in one request, at least once, all of them or none. The batch's token. Unsafe,
  /// because the batch and all that it points to must stay as they are until that is told, which the compiler cannot see.
  ///
  /// Throws as mote_https.h says of mote_send_batch.
  @unsafe public mutating func send(_ batch: UnsafeMutablePointer<mote_batch>) throws(Failure) -> Int {
    guard isHTTPS else { throw .state }
    let length = try unsafe BatchDocument(batch).measure()
    var message = compose()
    message.append(batchMark.bytes, nil)
    let source = unsafe PayloadSource(BatchDocument.source, context: batch)
    return try send(message, source: source, length: length, expires: unsafe batch.pointee.expires)
  }
}
