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

  @Test("An answer that does not come is waited for half a minute")
  func silence() throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
    let start = device.now
    var event: DeviceEvent?
    for _ in 0..<8 where event == nil {
      device.now = device.event.deadline
      event = device.hear()
    }
    #expect(event?.kind == .disconnected && event?.status == MOTE_ERROR_TIMED_OUT)
    #expect(device.now >= start + 30_000 && device.now < start + 33_000)
  }

  @Test("A message that takes longer to leave than an answer may take leaves, as long as it gets on")
  func slowLine() throws {
    let device = try HTTPSDevice()
    try device.open()
    let token = try device.send(String(repeating: "x", count: 600), [])
    device.server.capacity = 10
    var polls = 0
    repeat {
      device.now += 5_000
      #expect(device.poll() == nil)
      polls += 1
    } while device.takeSent() != ""
    #expect(polls > 60)
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear()?.token == token)
  }

  @Test("Each request has an answer's patience of its own, and what has come is taken before it is over")
  func patience() throws {
    let device = try HTTPSDevice(receives: true)
    try device.open()
    for _ in 0..<3 {
      #expect(device.hear() == nil)
      #expect(device.takeSent().hasPrefix("GET "))
      device.now += 29_000
      #expect(device.hear() == nil)
      device.server.incoming += Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nETag: \"1\"\r\n\r\nx".utf8)
      #expect(device.hear()?.kind == .message)
      #expect(device.hear() == nil)
      #expect(device.takeSent().hasPrefix("DELETE "))
      // The application is late.
      device.now += 40_000
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    }
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

  @Test(
    "A server that closes just when something is asked has not failed, if it has answered before",
    arguments: [false, true])
  func race(_ isProven: Bool) throws {
    let device = try HTTPSDevice()
    try device.open()
    for number in 0..<4 {
      _ = try device.send("hi", [])
      #expect(device.hear() == nil && device.takeSent().hasSuffix("hi"))
      if isProven {
        device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
        #expect(device.hear()?.kind == .sent)
        _ = try device.send("again", [])
        #expect(device.hear() == nil && device.takeSent().hasSuffix("again"))
      }
      device.server.isClosed = true
      let event = try #require(device.hear())
      #expect(event.kind == .disconnected)
      if isProven {
        #expect(event.status == MOTE_ERROR_TOKEN_EXPIRES && event.deadline == device.now)
      } else {
        #expect(event.status == (number < 2 ? MOTE_ERROR_CLOSED : MOTE_ERROR_DISPLACED))
      }
      device.now = event.deadline
      try device.open()
      #expect(device.hear() == nil)
      _ = device.takeSent()
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
      #expect(device.hear()?.kind == .sent)
      if !isProven {
        // The next connection has answered nothing.
        device.server.isClosed = true
        #expect(device.hear() == nil)
        _ = try device.send("x", [])
        #expect(device.hear()?.status == MOTE_ERROR_TOKEN_EXPIRES)
        try device.open()
        #expect(device.hear() == nil && device.takeSent().hasSuffix("x"))
        device.server.isClosed = true
        #expect(device.hear()?.kind == .disconnected)
        return
      }
    }
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

  @Test("It may be that nothing is ever asked for, once it has been")
  func never() throws {
    let device = try HTTPSDevice(receives: true, pollSeconds: .max)
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear() == nil)
    device.now += 1_000_000_000
    #expect(device.hear() == nil)
    #expect(device.takeSent() == "")
    // Until it connects anew.
    try device.disconnect()
    #expect(device.hear()?.kind == .disconnected)
    try device.open()
    #expect(device.hear() == nil)
    #expect(device.takeSent().hasPrefix("GET "))
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

  @Test("A connection that ends while nothing is asked is made anew when something is")
  func idle() throws {
    let device = try HTTPSDevice()
    try device.open()
    device.server.isClosed = true
    #expect(device.hear() == nil)
    #expect(device.hear() == nil && device.step == .work)
    _ = try device.send("hi", [])
    let event = try #require(device.hear())
    #expect(event.kind == .disconnected && event.status == MOTE_ERROR_TOKEN_EXPIRES && event.deadline == device.now)
    #expect(device.failures == 0)
    try device.open()
    #expect(device.hear() == nil && device.server.starts == 2)
    #expect(device.takeSent().hasSuffix("\r\n\r\nhi"))
  }

  private func text(_ region: Region) -> String {
    String(decoding: (0..<region.count).map { region[$0] }, as: UTF8.self)
  }
}

/// A client over HTTPS, a fake port and no TLS.
@safe final class HTTPSDevice {
  let server = PlainTLS()
  private let port = FakePort()
  private let string: Memory
  private let memory = (0..<4).map { _ in Memory(1_024) }
  private let https: UnsafeMutablePointer<HTTPS>
  private var client: DeviceClient
  var now: UInt64 = 1_000_000
  private(set) var event = DeviceEvent()

  init(
    _ string: String = "HostName=hub.example;DeviceId=d#1;x509=true", receives: Bool = false, receiving: Int = 1_024,
    pollSeconds: UInt32? = nil
  ) throws {
    self.string = Memory(Array(string.utf8))
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    var options = DeviceClient.Options()
    options.receivesMessages = receives
    let identity = try Identity(connectionString: self.string.region)
    client = DeviceClient(
      identity, signer: Signer(key: identity.key), port: port.port, tls: server.tls, endpoint: .empty, portNumber: 0,
      options: options)
    unsafe https = .allocate(capacity: 1)
    var limits = HTTPS.Options()
    if let pollSeconds { limits.pollSeconds = pollSeconds }
    try unsafe client.use(
      https, HTTPMemory(receiving: memory[0].region, sending: memory[1].region),
      session: MQTTMemory(receiving: memory[2].region.part(0, receiving), outbox: memory[3].region), limits)
  }

  deinit { unsafe https.deallocate() }

  var step: Step { client.step }
  /// How many connections have failed at work.
  var failures: UInt32 { client.statistics.failures[Int(Step.work.rawValue)] }
  /// Step, status and code.
  var lastError: [Int32] { [client.lastError.step.rawValue, client.lastError.status, client.lastError.libraryCode] }

  /// Connects, when it does not by itself, up to the first event.
  func open() throws {
    if client.step == .idle { try client.connect(now: now) }
    let event = try #require(hear())
    #expect(event.kind == .connected)
  }

  func disconnect() throws { try client.disconnect(now: now) }

  func send(_ payload: String, _ properties: [(String, String?)]) throws -> Int {
    var message = client.compose()
    for (name, value) in properties {
      let name = Array(name.utf8)
      let value = value.map { Array($0.utf8) }
      message.append(name.span, value?.span)
    }
    let payload = Array(payload.utf8)
    return try client.send(message, payload: payload.span)
  }

  func send(_ batch: TestBatch) throws -> Int { try unsafe client.send(batch.pointer) }

  /// The next event; nil when there is none before something comes or time passes.
  func hear() -> DeviceEvent? {
    for _ in 0..<10_000 {
      if client.poll(now: now, &event) { return event }
      if event.deadline > now && !event.waitsToWrite && server.incoming.isEmpty { return nil }
    }
    Issue.record("it does not sleep")
    return nil
  }

  /// Polls once, on a line that may be slow.
  func poll() -> DeviceEvent? { client.poll(now: now, &event) ? event : nil }

  /// What the server has got since it was asked last.
  func takeSent() -> String {
    defer { server.outgoing = [] }
    return String(decoding: server.outgoing, as: UTF8.self)
  }
}
