import CMote
import Mote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTestSupport
import Testing

/// A device over HTTPS, and the hub that a test plays, byte for byte.
struct HTTPSTests {
  private let events = "POST /devices/d%231/messages/events?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\n"
  private let bound = "/devices/d%231/messages/deviceBound"

  @Test("A message is a POST, and its 204 acknowledges it, split at each byte")
  func message() throws {
    let answer = Array("HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n".utf8)
    for split in 0...answer.count {
      let device = try HTTPSDevice()
      try device.open()
      let token = try device.send("hi", [("a", "b c"), ("$.ct", "text/plain"), ("none", nil)])
      #expect(device.hear() == nil)
      #expect(
        device.takeSent() == events + "iothub-app-a: b c\r\niothub-contenttype: text/plain\r\niothub-app-none: \r\n"
          + "Content-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nhi")
      device.server.incoming += answer[..<split]
      let early = device.hear()
      #expect((early == nil) == (split < answer.count))
      device.server.incoming += answer[split...]
      let event = try #require(early ?? device.hear())
      #expect(event.kind == .sent && event.token == token)
    }
  }

  @Test("With a key, each request has a token")
  func token() throws {
    let device = try HTTPSDevice("HostName=hub.example;DeviceId=d#1;SharedAccessKey=" + Rig.key)
    try device.open()
    for _ in 0..<2 {
      _ = try device.send("hi", [])
      #expect(device.hear() == nil)
      let sent = device.takeSent()
      #expect(sent.contains("\r\nAuthorization: SharedAccessSignature sr=hub.example%2Fdevices%2Fd%231&sig="))
      #expect(sent.contains("&se=1900003600\r\n"))
      device.server.incoming += Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
      #expect(device.hear()?.kind == .sent)
    }
  }

  @Test("It asks for messages at once, and then every 25 minutes, and sleeps in between")
  func polling() throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    let poll = "GET \(bound)?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\n\r\n"
    for _ in 0..<3 {
      #expect(device.hear() == nil)
      #expect(device.takeSent() == poll)
      device.server.incoming += Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
      #expect(device.hear() == nil)
      #expect(device.takeSent() == "")
      let wait = device.event.deadline - device.now
      // In steps of 1,024 ms: never sooner.
      #expect(wait >= 1_500_000 && wait <= 1_540_000)
      device.now += wait - 1
      #expect(device.hear() == nil)
      #expect(device.takeSent() == "")
      device.now += 1
    }
  }

  @Test("A message from the cloud is completed when it is accepted, by its lock", arguments: [1, 3, 64, .max])
  func bound(_ step: Int) throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    _ = device.takeSent()
    device.server.step = step
    device.server.incoming += Array(
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"lock-1\"\r\niothub-messageid: m 1\r\nIoTHub-App-Color: r&d\r\n"
        + "Server: x\r\nContentType: text/plain\r\n\r\nhello").utf8)
    var payload = ""
    while payload.utf8.count < 5 {
      let event = try #require(device.hear())
      #expect(event.kind == .message && event.total == 5 && event.offset == payload.utf8.count)
      if event.offset == 0 && event.properties.count > 0 {
        #expect(text(event.properties) == "%24.mid=m%201&Color=r%26d&%24.ct=text%2Fplain")
      }
      payload += text(event.payload)
    }
    #expect(payload == "hello")
    #expect(device.hear() == nil)
    #expect(
      device.takeSent()
        == "DELETE \(bound)/lock-1?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\nContent-Length: 0\r\n\r\n")
    device.server.incoming += Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
    #expect(device.hear() == nil)
    // There may be another.
    #expect(device.takeSent().hasPrefix("GET "))
  }

  @Test("A message whose properties do not fit is told, and rejected")
  func skipped() throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    _ = device.takeSent()
    device.server.incoming += Array(
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"lock\"\r\n"
        + String(repeating: "iothub-app-a: \(String(repeating: "v", count: 300))\r\n", count: 4) + "\r\nhello").utf8)
    let event = try #require(device.hear())
    #expect(event.kind == .skipped && event.skippedCount > 1_200 && event.total == 5)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("DELETE \(bound)/lock?api-version=2021-04-12&reject HTTP/1.1\r\n"))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
  }

  @Test("A message in chunks, without its length, is gathered", arguments: [1, 3, 64, .max])
  func chunked(_ step: Int) throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    device.server.step = step
    for (chunks, payload) in [("2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n", "hello"), ("0\r\n\r\n", "")] {
      #expect(device.hear() == nil)
      #expect(device.takeSent().hasPrefix("GET "))
      device.server.incoming += Array(
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: W/\"lock\"\r\niothub-app-a: b\r\n\r\n" + chunks).utf8)
      let event = try #require(device.hear())
      #expect(event.kind == .message && event.offset == 0 && event.total == payload.utf8.count)
      #expect(text(event.payload) == payload && text(event.properties) == "a=b")
      #expect(device.hear() == nil)
      #expect(device.takeSent().hasPrefix("DELETE \(bound)/lock?api-version=2021-04-12 HTTP/1.1\r\n"))
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    }
  }

  @Test("Of a message in chunks that does not fit, both sizes are told, and it is rejected")
  func chunkedTooLarge() throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    _ = device.takeSent()
    let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
    device.server.incoming += Array(
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"lock\"\r\n\r\n" + chunk + chunk + chunk
        + "0\r\n\r\n").utf8)
    let event = try #require(device.hear())
    #expect(event.kind == .skipped && event.skippedCount < 100 && event.total == 1_500)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("DELETE \(bound)/lock?api-version=2021-04-12&reject HTTP/1.1\r\n"))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
  }

  @Test("What is sent while a gathered message is told in pieces does not write over it")
  func gatheredAndSending() throws {
    let device = try HTTPSDevice(receives: true, receiving: 128)
    try device.open()
    #expect(device.hear() == nil)
    _ = device.takeSent()
    let payload = String((0..<800).map { Character(Unicode.Scalar(97 + UInt8($0 % 26))) })
    device.server.incoming += Array(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"lock\"\r\n\r\n320\r\n\(payload)\r\n0\r\n\r\n".utf8)
    var told = ""
    var isSent = false
    while told.utf8.count < payload.utf8.count {
      let event = try #require(device.hear())
      #expect(event.kind == .message && event.total == 800)
      told += text(event.payload)
      if !isSent { _ = try device.send("hi", []) }
      isSent = true
    }
    #expect(told == payload)
    #expect(device.hear() == nil)
    // One after the other: the message is completed, and the device's own goes.
    for _ in 0..<2 {
      let sent = device.takeSent()
      #expect(sent.hasPrefix("DELETE ") || sent.hasSuffix("\r\n\r\nhi"))
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
      while device.hear() != nil {}
    }
  }

  @Test(
    "Of a message without a length, whose end is the connection's, nobody can tell whether it is whole",
    arguments: ["", "Transfer-Encoding: chunked\r\n"])
  func cutMessage(_ encoding: String) throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    let body = encoding.isEmpty ? "hello" : "5\r\nhello\r\n"
    device.server.incoming += Array("HTTP/1.1 200 OK\r\n\(encoding)ETag: \"lock\"\r\n\r\n\(body)".utf8)
    device.server.isClosed = true
    let event = try #require(device.hear())
    #expect(event.kind == .disconnected && event.status == MOTE_ERROR_HTTP_CUT)
  }

  private func text(_ region: Region) -> String {
    String(decoding: (0..<region.count).map { region[$0] }, as: UTF8.self)
  }
}
