import CMote
import Mote
import Testing

/// How long answers are waited for, and whose failure the end of a connection is.
struct HTTPSPatienceTests {
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

  @Test("A server that closes just when something is asked has not failed, if it has answered before")
  func race() throws {
    let device = try HTTPSDevice()
    try device.open()
    for _ in 0..<4 {
      _ = try device.send("hi", [])
      #expect(device.hear() == nil && device.takeSent().hasSuffix("hi"))
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
      #expect(device.hear()?.kind == .sent)
      let token = try device.send("again", [])
      #expect(device.hear() == nil && device.takeSent().hasSuffix("again"))
      device.server.isClosed = true
      let event = try #require(device.hear())
      #expect(event.kind == .disconnected && event.status == MOTE_ERROR_TOKEN_EXPIRES && event.deadline == device.now)
      try device.open()
      #expect(device.hear() == nil && device.takeSent().hasSuffix("again"))
      device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
      #expect(device.hear()?.token == token)
    }
    #expect(device.failures == 0)
  }

  @Test("One that never answers, or only begins to, has", arguments: ["", "HTTP/1.1 2"])
  func cut(_ answer: String) throws {
    let device = try HTTPSDevice()
    try device.open()
    _ = try device.send("hi", [])
    #expect(device.hear() == nil && device.takeSent().hasSuffix("hi"))
    device.server.incoming += Array("HTTP/1.1 204 x\r\n\r\n".utf8)
    #expect(device.hear()?.kind == .sent)
    _ = try device.send("again", [])
    for number: UInt32 in 1...3 {
      #expect(device.hear() == nil && device.takeSent().hasSuffix("again"))
      device.server.incoming += Array((number == 1 ? "HTTP/1.1 2" : answer).utf8)
      device.server.isClosed = true
      let event = try #require(device.hear())
      #expect(event.kind == .disconnected && event.status != MOTE_ERROR_TOKEN_EXPIRES && event.deadline > device.now)
      #expect(device.failures == number)
      device.now = event.deadline
      try device.open()
    }
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
}
