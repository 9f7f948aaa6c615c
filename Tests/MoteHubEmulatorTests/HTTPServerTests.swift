#if Tools

import Foundation
import MoteHubEmulator
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// The server on a loop whose time the test makes.
struct HTTPServerTests {
  let loop = EmbeddedEventLoop()

  private func server(_ limits: HTTPLimits = HTTPLimits(), _ routes: (inout Router) -> Void = { _ in }) -> HTTPServer {
    var router = Router()
    router.on(.GET, "/open", .everybody) { _ in HTTPResponse(.ok, body: Array("open".utf8)) }
    router.on(.GET, "/devices/{device}/modules/{module}") { request in
      .json(
        .object([
          "device": .string(request.parameters["device"] ?? ""), "module": .string(request.parameters["module"] ?? ""),
        ]))
    }
    router.on(.POST, "/echo") { request in HTTPResponse(.ok, body: request.body) }
    routes(&router)
    return HTTPServer(
      on: loop, router: router, names: ["localhost", "127.0.0.1", "::1", "Hub.example"], limits: limits
    ) { request in
      if request.headers["Authorization"] != ["key"] { throw HubError.unauthorised("no key") }
    }
  }

  private func connect(to server: HTTPServer) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(loop: loop)
    try server.serve(channel)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  /// What the server has written.
  private func output(_ channel: EmbeddedChannel) throws -> String {
    var text = ""
    while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
    return text
  }

  private func send(_ text: String, to channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(string: text.replacingOccurrences(of: "\n", with: "\r\n")))
    loop.run()
  }

  private func answer(_ text: String, from server: HTTPServer) throws -> String {
    let channel = try connect(to: server)
    try send(text, to: channel)
    return try output(channel)
  }

  private func status(_ answer: String) -> Int? { answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

  @Test func aRequestIsAnswered() throws {
    let answer = try answer("GET /open HTTP/1.1\nHost: localhost:8080\n\n", from: server())
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.contains("\r\nContent-Length: 4\r\n") && answer.hasSuffix("\r\n\r\nopen"))
    #expect(
      answer.contains("\r\nX-Content-Type-Options: nosniff\r\n") && answer.contains("\r\nCache-Control: no-store\r\n"))
  }

  @Test func aConnectionTakesRequestsOneAfterTheOther() throws {
    let server = server(), channel = try connect(to: server)
    let request = "POST /echo HTTP/1.1\nHost: localhost\nAuthorization: key\nContent-Length: 3\n\n"
    try send(request + "abc" + request + "def", to: channel)
    try send(
      "POST /echo HTTP/1.1\nHost: localhost\nAuthorization: key\nTransfer-Encoding: chunked\n\n2\ngh\n", to: channel)
    try send("1\ni\n0\n\n", to: channel)
    let answers = try output(channel)
    #expect(answers.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
    for body in ["abc", "def", "ghi"] { #expect(answers.contains("\r\n\r\n" + body)) }
    #expect(channel.isActive)
    try send("GET /open HTTP/1.1\nHost: localhost\nConnection: close\n\n", to: channel)
    #expect(try output(channel).contains("\r\nConnection: close\r\n"))
    #expect(!channel.isActive)
  }

  @Test func pathsAreDecodedPartByPart() throws {
    let head = " HTTP/1.1\nHost: localhost\nAuthorization: key\n\n"
    let answer = try answer("GET /Devices/a%2Fb%2523/MODULES/%C3%A9+?api-version=1" + head, from: server())
    #expect(answer.hasSuffix(#"{"device":"a/b%23","module":"é+"}"#))
    for bad in ["/devices/%/modules/m", "/devices/%4/modules/m", "/devices/%ff/modules/m", "/open?%zz=1"] {
      #expect(try status(self.answer("GET \(bad)" + head, from: server())) == 400, "\(bad)")
    }
    for missing in ["/", "/devices", "/devices//modules/m", "/open/", "/devices/a/modules/m/x"] {
      #expect(try status(self.answer("GET \(missing)" + head, from: server())) == 404, "\(missing)")
    }
    #expect(try status(self.answer("DELETE /open" + head, from: server())) == 405)
  }

  @Test func withoutTheKeyNothingIsTold() throws {
    let answer = try answer("GET /devices/a/modules/b HTTP/1.1\nHost: localhost\n\n", from: server())
    #expect(status(answer) == 401)
    #expect(answer.contains("\r\niothub-errorcode: IotHubUnauthorizedAccess\r\n"))
    let body = try JSON.parse(try #require(answer.components(separatedBy: "\r\n\r\n").last).utf8)
    #expect(body["errorCode"] == 401_003)
    #expect(body["message"] == "no key")
    #expect(body["Message"] == "ErrorCode:IotHubUnauthorizedAccess;no key")
    #expect(body["trackingId"]?.string?.count == 32)
    #expect(body["timestampUtc"]?.string.flatMap(Timestamp.date) != nil)
  }

  @Test(
    arguments: [
      ("localhost", 200), ("LOCALHOST:9", 200), ("127.0.0.1:80", 200), ("[::1]:80", 200), ("hub.example", 200),
      ("evil.example", 421), ("localhost.evil.example", 421), ("evil.example:localhost", 421), ("127.0.0.2", 421),
      ("", 421),
      ("localhost\nHost: localhost", 400),
    ])
  func aForeignHostIsRefused(host: String, expected: Int) throws {
    #expect(try status(answer("GET /open HTTP/1.1\nHost: \(host)\n\n", from: server())) == expected)
  }

  @Test func aRequestWithoutAHostIsRefused() throws {
    #expect(try status(answer("GET /open HTTP/1.1\n\n", from: server())) == 400)
  }

  @Test(
    arguments: [
      ("http://localhost:80", 200), ("HTTP://LOCALHOST:80", 200), ("null", 403), ("http://localhost", 403),
      ("http://localhost:81", 403), ("https://localhost:80", 403), ("http://evil.example", 403),
      ("http://localhost:80\nOrigin: http://evil.example", 403),
    ])
  func aForeignOriginIsRefused(origin: String, expected: Int) throws {
    #expect(
      try status(answer("GET /open HTTP/1.1\nHost: localhost:80\nOrigin: \(origin)\n\n", from: server())) == expected)
  }

  @Test func aBodyIsLimited() throws {
    var limits = HTTPLimits()
    limits.body = 10
    let head = "POST /echo HTTP/1.1\nHost: localhost\nAuthorization: key\n"
    #expect(try answer(head + "Content-Length: 10\n\n0123456789", from: server(limits)).hasSuffix("0123456789"))
    for tooLarge in [
      "Content-Length: 11\n\n", "Content-Length: 67108864\n\n0123", "Transfer-Encoding: chunked\n\nb\n01234567890\n",
      "Transfer-Encoding: chunked\n\n4\n0123\n4\n0123\n3\n012\n",
    ] {
      let channel = try connect(to: server(limits))
      try send(head + tooLarge, to: channel)
      #expect(status(try output(channel)) == 413)
      #expect(!channel.isActive)
    }
  }

  @Test(arguments: ["\u{16}\u{3}\u{1}\u{2}\n\n", "GET\n\n", "GET / HTTP/1.1\nBad Header\n\n", "GET / HTTP/9.9\n\n"])
  func whatIsNotHTTPEndsTheConnection(text: String) throws {
    let channel = try connect(to: server())
    try? send(text, to: channel)
    let answer = try output(channel)
    #expect(answer.isEmpty || status(answer) == 400)
    #expect(!channel.isActive)
  }

  @Test func headersAreLimited() throws {
    let channel = try connect(to: server())
    let line = "X-Line: \(String(repeating: "x", count: 1_000))\n"
    try? send("GET /open HTTP/1.1\nHost: localhost\n" + String(repeating: line, count: 100), to: channel)
    #expect(!channel.isActive)
  }

  @Test func aClientThatSaysNothingIsLetGo() throws {
    let channel = try connect(to: server())
    loop.advanceTime(by: .seconds(59))
    #expect(channel.isActive)
    loop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test func aByteNowAndThenDoesNotKeepAConnection() throws {
    let channel = try connect(to: server())
    for _ in 0..<6 where channel.isActive {
      try send("G", to: channel)
      loop.advanceTime(by: .seconds(10))
    }
    #expect(!channel.isActive)
    let second = try connect(to: server())
    try send("POST /echo HTTP/1.1\nHost: localhost\nContent-Length: 100\n\n", to: second)
    for _ in 0..<6 where second.isActive {
      try send("x", to: second)
      loop.advanceTime(by: .seconds(10))
    }
    #expect(!second.isActive)
  }

  @Test func anAnswerMayTakeLongerThanARequest() throws {
    let promise = loop.makePromise(of: HTTPResponse.self)
    let server = server { router in router.on(.GET, "/late", .everybody) { _ in Answer.later(promise.futureResult) } }
    let channel = try connect(to: server)
    try send("GET /late HTTP/1.1\nHost: localhost\n\n", to: channel)
    loop.advanceTime(by: .minutes(5))
    #expect(try output(channel) == "" && channel.isActive)
    promise.fail(HubError.timedOut("too late"))
    loop.run()
    #expect(status(try output(channel)) == 504)
    #expect(channel.isActive)
  }

  @Test func anUnexpectedErrorIsNotTold() throws {
    struct Secret: Error { let text = "the secret" }
    let server = server { router in
      router.on(.GET, "/fails", .everybody) { _ -> HTTPResponse in throw Secret() }
    }
    let answer = try answer("GET /fails HTTP/1.1\nHost: localhost\n\n", from: server)
    #expect(status(answer) == 500 && !answer.contains("secret"))
  }

  @Test func aStreamIsWrittenUntilItsReaderIsGone() throws {
    var streams: [HTTPStream] = [], closed = 0
    let server = server { router in
      router.on(.GET, "/stream", .everybody) { _ in
        Answer.stream(["Content-Type": "text/event-stream"]) { stream in
          streams.append(stream)
          stream.whenClosed = { closed += 1 }
          stream.write(Array("data: 1\n\n".utf8))
        }
      }
    }
    let channel = try connect(to: server)
    try send("GET /stream HTTP/1.1\nHost: localhost\n\n", to: channel)
    let answer = try output(channel)
    #expect(
      answer.contains("\r\nContent-Type: text/event-stream\r\n")
        && answer.contains("\r\ntransfer-encoding: chunked\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n9\r\ndata: 1\n\n\r\n"))
    loop.advanceTime(by: .hours(2))
    #expect(channel.isActive && closed == 0)
    channel.isWritable = false
    channel.pipeline.fireChannelWritabilityChanged()
    #expect(!streams[0].isWritable)
    loop.advanceTime(by: .seconds(30))
    #expect(!channel.isActive && closed == 1)
    streams[0].write([1])
    #expect(closed == 1)
  }

  @Test func requestsThatComeAtOnceAreAnsweredInOrder() throws {
    let channel = try connect(to: server())
    let request = "POST /echo HTTP/1.1\nHost: localhost\nAuthorization: key\nContent-Length: 6\n\n"
    try send((100_000..<105_000).map { request + String($0) }.joined(), to: channel)
    let answers = try output(channel).components(separatedBy: "\r\n\r\n").dropFirst()
    #expect(answers.map { String($0.prefix(6)) } == (100_000..<105_000).map(String.init))
  }

  @Test(arguments: ["GET /open HTTP/1.1\nConnection: Upgrade\nUpgrade: x", "CONNECT /open HTTP/1.1"])
  func whatFollowsAnotherProtocolIsNotRead(request: String) throws {
    let channel = try connect(to: server())
    try send(request + "\nHost: localhost\n\nGET /open HTTP/1.1\nHost: localhost\n\n", to: channel)
    let answer = try output(channel)
    #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2 && answer.contains("Connection: close"))
    #expect(!channel.isActive)
  }

  @Test func bodiesAreLimitedTogether() throws {
    var limits = HTTPLimits()
    limits.bodies = 10
    let server = server(limits),
      request = "POST /echo HTTP/1.1\nHost: localhost\nAuthorization: key\nContent-Length: 6\n\n"
    let idle = try connect(to: server), first = try connect(to: server)
    try send(request + "01234", to: first)
    loop.advanceTime(by: .seconds(1))
    let second = try connect(to: server)
    try send(request + "01234", to: second)
    #expect(first.isActive)
    try send("5", to: second)
    #expect(idle.isActive && !first.isActive && second.isActive)
    #expect(try output(second).hasSuffix("012345"))
    // What is answered, and what has ended, counts no more.
    try send(request + "012345" + request + "01234", to: second)
    let third = try connect(to: server)
    try send(request + "01234", to: third)
    #expect(second.isActive && third.isActive)
  }

  @Test func aBodyThatDoesNotComeMakesRoom() throws {
    var limits = HTTPLimits()
    limits.connections = 1
    let server = server(limits), first = try connect(to: server)
    try send("POST /echo HTTP/1.1\nHost: localhost\nContent-Length: 6\n\n", to: first)
    let second = try connect(to: server)
    #expect(!first.isActive && second.isActive)
  }

  /// A client that has gone, which is noticed when it is answered.
  private final class Gone: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    func flush(context: ChannelHandlerContext) { context.close(promise: nil) }
  }

  @Test func requestsOfAClientThatHasGoneAreNotAnswered() throws {
    var asked = 0
    let server = server { router in
      router.on(.GET, "/count", .everybody) { _ in
        asked += 1
        return HTTPResponse(.ok)
      }
    }
    let channel = try connect(to: server)
    try channel.pipeline.syncOperations.addHandler(Gone(), position: .first)
    try send(String(repeating: "GET /count HTTP/1.1\nHost: localhost\n\n", count: 3), to: channel)
    #expect(asked == 1 && !channel.isActive)
  }

  @Test func whoeverWaitsLongestMakesRoom() throws {
    var limits = HTTPLimits()
    limits.connections = 2
    let server = server(limits)
    let first = try connect(to: server)
    loop.advanceTime(by: .seconds(1))
    let second = try connect(to: server)
    loop.advanceTime(by: .seconds(1))
    try send("GET /open HTTP/1.1\nHost: localhost\n\n", to: first)
    let third = try connect(to: server)
    #expect(first.isActive && !second.isActive && third.isActive)
  }
}

#endif
