import CMote
import Mote
import Testing

/// What the hub, or HTTP, does not take, and what becomes of what is behind it.
struct HTTPSRefusalTests {
  @Test("A hub that is too busy is left alone for as long as it says")
  func retryAfter() throws {
    let device = try HTTPSDevice()
    try device.open()
    _ = try device.send("hi", [])
    #expect(device.hear() == nil)
    device.server.incoming += Array(
      "HTTP/1.1 429 Too Many\r\nRetry-After: 300\r\nContent-Length: 20\r\n\r\n{\"errorCode\":429001}".utf8)
    let event = try #require(device.hear())
    #expect(event.kind == .disconnected && event.status == MOTE_ERROR_REFUSED_UNAVAILABLE)
    #expect(event.deadline >= device.now + 300_000 && event.deadline <= device.now + 302_048)
    #expect(device.lastError == [Step.work.rawValue, MOTE_ERROR_REFUSED_UNAVAILABLE, 429_001])
  }

  @Test(
    "How long the hub wants to be left alone",
    arguments: [
      ("4294967295", 300), ("99999", 86_400), ("0", 0), ("", 0), ("Tue, 24 Nov 2026 03:00:00 GMT", 300), ("7", 7),
    ])
  func retries(_ text: String, _ seconds: UInt64) throws {
    let device = try HTTPSDevice()
    try device.open()
    _ = try device.send("hi", [])
    #expect(device.hear() == nil)
    device.server.incoming += Array("HTTP/1.1 503 x\r\nRetry-After: \(text)\r\nContent-Length: 0\r\n\r\n".utf8)
    let event = try #require(device.hear())
    #expect(event.kind == .disconnected)
    #expect(event.deadline >= device.now + seconds * 1_000 && event.deadline <= device.now + seconds * 1_000 + 2_048)
  }

  @Test(
    "What a refusal means",
    arguments: [
      (401, MOTE_ERROR_REFUSED_AUTHORISATION), (403, MOTE_ERROR_REFUSED_AUTHORISATION),
      (404, MOTE_ERROR_REFUSED_AUTHORISATION), (500, MOTE_ERROR_REFUSED_UNAVAILABLE),
      (302, MOTE_ERROR_REFUSED_UNAVAILABLE),
    ])
  func refusals(_ status: Int, _ expected: Int32) throws {
    let device = try HTTPSDevice()
    try device.open()
    _ = try device.send("hi", [])
    #expect(device.hear() == nil)
    device.server.incoming += Array("HTTP/1.1 \(status) x\r\nContent-Length: 0\r\nLocation: https://e/\r\n\r\n".utf8)
    #expect(device.hear()?.status == expected)
    #expect(device.lastError == [Step.work.rawValue, expected, Int32(status) * 1_000])
  }

  @Test(
    "What the hub, or HTTP, does not take as a message is told, and the next one goes", arguments: [400, 413, 415, 0])
  func notTaken(_ status: Int) throws {
    let device = try HTTPSDevice()
    try device.open()
    let token = try device.send("hi", [("a", status == 0 ? "b\r\nHost: evil" : "b")])
    let next = try device.send("next", [])
    var event = device.hear()
    if status != 0 {
      #expect(event == nil)
      device.server.incoming += Array("HTTP/1.1 \(status) x\r\nContent-Length: 0\r\n\r\n".utf8)
      event = device.hear()
    } else {
      #expect(device.takeSent() == "", "nothing of it has left")
    }
    let failed = try #require(event)
    #expect(failed.kind == .failed && failed.token == token)
    #expect(failed.status == (status == 0 ? MOTE_ERROR_HTTP_FIELD : MOTE_ERROR_HUB_REFUSED))
    #expect(device.hear()?.kind == .disconnected)
    _ = device.takeSent()
    device.now += 60_000
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasSuffix("\r\n\r\nnext"))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear()?.token == next)
  }

  @Test("A message that does not fit a request is told, and the next one goes")
  func tooLarge() throws {
    let device = try HTTPSDevice()
    try device.open()
    let token = try device.send("hi", [("a", String(repeating: "v", count: 700))])
    let next = try device.send("next", [])
    let failed = try #require(device.hear())
    #expect(failed.kind == .failed && failed.token == token && failed.status == MOTE_ERROR_TOO_LARGE)
    #expect(device.hear()?.kind == .disconnected)
    #expect(device.event.deadline < device.now + 60_000)
    device.now = device.event.deadline
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasSuffix("\r\n\r\nnext"))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear()?.token == next)
  }

  @Test("A settlement that the hub does not take is given up", arguments: [400, 404, 409, 412, 415])
  func settlementRefused(_ status: Int) throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    _ = device.takeSent()
    device.server.incoming += Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nETag: \"1\"\r\n\r\nx".utf8)
    #expect(device.hear()?.kind == .message)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("DELETE "))
    device.server.incoming += Array("HTTP/1.1 \(status) x\r\nContent-Length: 0\r\n\r\n".utf8)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
  }
}
