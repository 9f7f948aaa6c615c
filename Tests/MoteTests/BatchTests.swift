import CMote
import Mote
import MoteBytes
import MoteTestSupport
import Testing

/// Several messages in one request: protocol.md 12.3.
struct BatchTests {
  @Test("The protocol's own example, through each buffer, and again from its start after each cut")
  func pieces() throws {
    let batch = TestBatch([
      ("{\"t\":21.5}", [("alert", "true"), ("$.mid", "1")]), ("{\"t\":21.6}", [("alert", "false")]), ("", []),
      ("a", []),
      ("ab", [("none", nil), ("q\"", "")]),
    ])
    // The last message has a name that HTTP has not.
    #expect(batch.measured == MOTE_ERROR_HTTP_FIELD)
    let good = TestBatch([
      ("{\"t\":21.5}", [("alert", "true"), ("$.mid", "1")]), ("{\"t\":21.6}", [("alert", "false")]), ("", []),
      ("a", []),
      ("ab", [("none", nil), ("say", "\"a\\b\"\t~"), ("$.ct", "text/plain")]),
    ])
    let expected =
      #"[{"body":"eyJ0IjoyMS41fQ==","properties":{"iothub-app-alert":"true","iothub-messageid":"1"}},"#
      + #"{"body":"eyJ0IjoyMS42fQ==","properties":{"iothub-app-alert":"false"}},{"body":""},{"body":"YQ=="},"#
      + #"{"body":"YWI=","properties":{"iothub-app-none":"","iothub-app-say":"\"a\\b\"\t~","iothub-contenttype":"text/plain"}}]"#
    #expect(good.measured == Int32(expected.utf8.count))
    for size in 1...64 { #expect(good.read(size) == expected, "through \(size) bytes") }
    for cut in 0...expected.utf8.count {
      #expect(good.read(7, upTo: cut) == String(expected.utf8.prefix(cut))!)
      #expect(good.read(13) == expected, "after a cut at \(cut)")
    }
    #expect(good.read(64, from: 200) == String(expected.utf8.dropFirst(200))!, "from where nothing was read before")
  }

  @Test("Each length of a body, in base64 as others write it")
  func bodies() {
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for count in 0...bytes.count {
      let batch = TestBatch([(bytes.prefix(count), []), ([0xFF], [])])
      for size in [1, 2, 3, 5, 64, 400] {
        #expect(batch.read(size) == "[{\"body\":\"\(base64(bytes.prefix(count)))\"},{\"body\":\"/w==\"}]")
      }
    }
  }

  @Test("What a hub does not take is refused at once")
  func refusals() {
    func status(_ payload: Int, _ properties: [(String, String?)], times: Int = 1) -> Int32 {
      let message = ([UInt8](repeating: 0, count: payload)[...], properties)
      return TestBatch([(ArraySlice<UInt8>, [(String, String?)])](repeating: message, count: times)).measured
    }
    #expect(status(0, [], times: 0) == MOTE_ERROR_ARGUMENT)
    #expect(status(0, [("", "x")]) == MOTE_ERROR_PROPERTY)
    #expect(status(0, [("$.batch", nil)]) == MOTE_ERROR_PROPERTY)
    for name in ["a b", "a:b", "ä", "a\n", "(a)"] { #expect(status(0, [(name, "x")]) == MOTE_ERROR_HTTP_FIELD) }
    for value in ["ä", "a\r\nb", "\0", "\u{7F}", "\u{1F}"] {
      #expect(status(0, [("a", value)]) == MOTE_ERROR_HTTP_FIELD)
      #expect(status(0, [("$.mid", value)]) == MOTE_ERROR_HTTP_FIELD)
    }
    // 255 × 1,024 - 1, which it is to stay below.
    #expect(status(261_118 - 384, []) > 0)
    #expect(status(261_119 - 384, []) == MOTE_ERROR_TOO_LARGE)
    #expect(status(261_118 - 384 - 16 - 4, [("ab", "cd")]) > 0)
    #expect(status(261_118 - 384 - 16 - 4, [("ab", "cde")]) == MOTE_ERROR_TOO_LARGE)
    #expect(status(0, [], times: 679) > 0)
    #expect(status(0, [], times: 680) == MOTE_ERROR_TOO_LARGE)
  }

  @Test("Lengths that cannot be, and bytes that are not there")
  func absurd() {
    var message = unsafe mote_batch_message()
    unsafe message.payload_length = 1
    #expect(unsafe measure(message) == MOTE_ERROR_ARGUMENT)
    unsafe message.payload_length = .min
    #expect(unsafe measure(message) == MOTE_ERROR_TOO_LARGE)
    unsafe message.payload_length = .max
    #expect(unsafe measure(message) == MOTE_ERROR_TOO_LARGE)
    unsafe message.payload_length = 0
    unsafe message.property_count = 1
    #expect(unsafe measure(message) == MOTE_ERROR_ARGUMENT)
    var property = unsafe mote_property()
    unsafe property.name_length = 1
    unsafe withUnsafePointer(to: property) { property in
      unsafe message.properties = property
      #expect(unsafe measure(message) == MOTE_ERROR_ARGUMENT)
    }
  }

  @Test("It is one request, and one token")
  func request() throws {
    let device = try HTTPSDevice()
    try device.open()
    let batch = TestBatch([("first", [("a", "b")]), ("second", [])])
    let token = try device.send(batch)
    #expect(device.hear() == nil)
    let body = #"[{"body":"Zmlyc3Q=","properties":{"iothub-app-a":"b"}},{"body":"c2Vjb25k"}]"#
    let request =
      "POST /devices/d%231/messages/events?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\n"
      + "Content-Type: application/vnd.microsoft.iothub.json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    #expect(device.takeSent() == request)
    #expect(throws: Failure(MOTE_ERROR_SOURCE_BUSY)) { try device.send(TestBatch([("x", [])])) }
    device.server.isClosed = true
    #expect(device.hear()?.kind == .disconnected)
    device.now += 60_000
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent() == request, "the same again")
    device.server.incoming += Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
    let event = try #require(device.hear())
    #expect(event.kind == .sent && event.token == token)
  }

  @Test("A batch that the hub refuses fails as a whole, and the next goes")
  func refused() throws {
    let device = try HTTPSDevice()
    try device.open()
    let batch = TestBatch([("first", [])])
    let token = try device.send(batch)
    #expect(device.hear() == nil)
    device.server.incoming += Array("HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n".utf8)
    let failed = try #require(device.hear())
    #expect(failed.kind == .failed && failed.token == token && failed.status == MOTE_ERROR_HUB_REFUSED)
    _ = try device.send(batch)
  }

  private func measure(_ message: mote_batch_message) -> Int32 {
    unsafe withUnsafePointer(to: message) { message in
      var batch = unsafe mote_batch()
      unsafe batch.messages = message
      unsafe batch.message_count = 1
      return unsafe measured(&batch)
    }
  }

  private func base64(_ bytes: ArraySlice<UInt8>) -> String {
    let memory = Memory(128)
    var writer = Writer(memory.region)
    writer.appendBase64(Array(bytes).span)
    return String(decoding: memory.prefix(writer.count), as: UTF8.self)
  }
}

/// How many bytes a batch has, or why it is refused.
private func measured(_ batch: UnsafeMutablePointer<mote_batch>) -> Int32 {
  do throws(Failure) {
    return Int32(try unsafe BatchDocument(batch).measure())
  } catch {
    return error.code
  }
}

/// A batch, and all that it borrows.
@safe final class TestBatch {
  let pointer: UnsafeMutablePointer<mote_batch>
  private let messages: UnsafeMutablePointer<mote_batch_message>
  private let properties: UnsafeMutablePointer<mote_property>
  private var texts: [Memory] = []

  convenience init(_ list: [(String, [(String, String?)])]) { self.init(list.map { (Array($0.utf8)[...], $1) }) }

  init(_ list: [(ArraySlice<UInt8>, [(String, String?)])]) {
    unsafe pointer = .allocate(capacity: 1)
    unsafe messages = .allocate(capacity: max(list.count, 1))
    unsafe properties = .allocate(capacity: list.map(\.1.count).reduce(1, +))
    unsafe pointer.initialize(to: mote_batch())
    unsafe pointer.pointee.size = MemoryLayout<mote_batch>.size
    unsafe pointer.pointee.messages = UnsafePointer(messages)
    unsafe pointer.pointee.message_count = list.count
    // As of memory that held something else.
    unsafe pointer.pointee.next_message = 99
    unsafe pointer.pointee.next_offset = 99
    var next = unsafe properties
    for (index, (payload, list)) in list.enumerated() {
      unsafe messages[index] = mote_batch_message(
        payload: lend(payload), payload_length: payload.count, properties: next, property_count: list.count)
      for (name, value) in list {
        let name = Array(name.utf8)
        let value = value.map { Array($0.utf8) }
        unsafe next.initialize(
          to: mote_property(
            name: text(lend(name[...])), name_length: name.count, value: text(value.map { unsafe lend($0[...]) }),
            value_length: value?.count ?? 0))
        unsafe next += 1
      }
    }
  }

  deinit {
    unsafe pointer.deallocate()
    unsafe messages.deallocate()
    unsafe properties.deallocate()
  }

  private func lend(_ bytes: ArraySlice<UInt8>) -> UnsafePointer<UInt8> {
    let memory = Memory(Array(bytes))
    texts.append(memory)
    return unsafe UnsafePointer(memory.region.pointer)
  }

  private func text(_ bytes: UnsafePointer<UInt8>?) -> UnsafePointer<CChar>? {
    unsafe UnsafeRawPointer(bytes)?.assumingMemoryBound(to: CChar.self)
  }

  /// How many bytes it has, or why it is refused.
  var measured: Int32 { unsafe MoteTests.measured(pointer) }

  /// What it is from `offset` on, read through a buffer of `size` bytes, up to `end`.
  func read(_ size: Int, from offset: Int = 0, upTo end: Int = .max) -> String {
    let document = unsafe BatchDocument(pointer)
    var bytes: [UInt8] = []
    while offset + bytes.count < end {
      let room = Memory(min(size, end - offset - bytes.count))
      let count = document.read(at: offset + bytes.count, into: room.region)
      if count <= 0 { break }
      bytes += room.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
