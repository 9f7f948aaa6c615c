#if Tools

import Foundation
import Logging
import MoteHubEmulator
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// The proxy on a loop whose time the test makes, up to where it would make a tunnel.
struct ProxyServerTests {
  let loop = EmbeddedEventLoop()

  private func server(_ credentials: String? = nil, _ limits: HTTPLimits = HTTPLimits()) throws -> ProxyServer {
    let target = try SocketAddress(ipAddress: "127.0.0.1", port: 8_883)
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return ProxyServer(
      on: loop, names: ["localhost", "Hub.example"], credentials: credentials, limits: limits, log: log
    ) { [target] }
  }

  private func connect(to server: ProxyServer) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(loop: loop)
    try server.serve(channel)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  private func send(_ text: String, to channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(string: text.replacingOccurrences(of: "\n", with: "\r\n")))
    loop.run()
  }

  private func answer(_ text: String, from server: ProxyServer) throws -> String {
    let channel = try connect(to: server)
    try send(text, to: channel)
    return try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? ""
  }

  private func request(_ target: String, _ more: String = "") -> String {
    "CONNECT \(target) HTTP/1.1\nHost: \(target)\n\(more)\n"
  }

  @Test(
    arguments: [
      ("localhost:8884", 403), ("elsewhere.example:8883", 403), ("169.254.169.254:80", 403), ("[::1]:8883", 403),
      ("localhost", 400), ("localhost:", 400), ("localhost:0", 400), ("localhost:65536", 400), ("localhost:+8883", 400),
      (":8883", 400), ("a:b:8883", 400), ("http://localhost:8883", 400), ("u@localhost:8883", 400), ("/", 400),
    ])
  func thereIsNoWayToAnythingElse(target: String, status: Int) throws {
    let answer = try answer(request(target), from: server())
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.contains("\r\nConnection: close\r\n"))
  }

  @Test(
    arguments: [
      ("GET http://localhost:8883/ HTTP/1.1\nHost: localhost\n\n", 405), ("POST / HTTP/1.1\nHost: localhost\n\n", 405),
      ("connect localhost:8883 HTTP/1.1\nHost: localhost\n\n", 405), ("CONNECT localhost:8883 HTTP/2.0\n\n", 400),
      ("CONNECT localhost:8883\n\n", 400), ("CONNECT  localhost:8883 HTTP/1.1\nHost: a\n\n", 400), ("\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\n\n", 400), ("CONNECT localhost:8883 HTTP/1.1\nHost: a\nHost: b\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\nHost: a\nContent-Length: 5\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\nHost: a\n folded\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\nHost : a\n\n", 400), ("CONNECT localhost:8883 HTTP/1.1\nHost: \u{0}\n\n", 400),
      ("CONNECT localhost:8883 HTTP/1.1\nHost: é\n\n", 400), ("GET / HTTP/1.1\r\r\n\n", 400),
    ])
  func whatIsNoRequestForATunnelIsRefused(text: String, status: Int) throws {
    #expect(try answer(text, from: server()).hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test(
    arguments: [
      "", "Proxy-Authorization: Basic eDp5\n", "Proxy-Authorization: Basic\n", "Proxy-Authorization: Bearer YTpiOmM=\n",
      "Proxy-Authorization: Basic !\n", "Authorization: Basic YTpiOmM=\n",
      "Proxy-Authorization: Basic YTpiOmM=\nProxy-Authorization: Basic YTpiOmM=\n",
    ])
  func whoDoesNotShowTheCredentialsIsTurnedAway(header: String) throws {
    // Whatever is asked for: a stranger is not told what there is.
    for target in ["localhost:8883", "localhost:1"] {
      let answer = try answer(request(target, header), from: server("a:b:c"))
      #expect(answer.hasPrefix("HTTP/1.1 407 "))
      #expect(answer.contains("\r\nProxy-Authenticate: Basic realm=\"mote-hub\"\r\n"))
    }
  }

  @Test func whoShowsThemGetsFurther() throws {
    let header = "proxy-authorization:  basic YTpiOmM=\n"
    #expect(try answer(request("localhost:1", header), from: server("a:b:c")).hasPrefix("HTTP/1.1 403 "))
  }

  @Test func aRequestHasABound() throws {
    var limits = HTTPLimits()
    limits.headers = 200
    let line = "X: " + String(repeating: "x", count: 200)
    #expect(try answer("CONNECT " + line, from: server(nil, limits)).hasPrefix("HTTP/1.1 431 "))
    #expect(try answer(request("localhost:1", line + "\n"), from: server(nil, limits)).hasPrefix("HTTP/1.1 431 "))
  }

  @Test func aRequestMayComeAByteAtATime() throws {
    let channel = try connect(to: server())
    for byte in request("localhost:1").replacingOccurrences(of: "\n", with: "\r\n").utf8 {
      #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
      try channel.writeInbound(ByteBuffer(bytes: [byte]))
    }
    #expect(
      try #require(try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }).hasPrefix("HTTP/1.1 403 "))
  }

  @Test func whoSaysNothingIsNotWaitedForWithoutEnd() throws {
    let server = try server(), channel = try connect(to: server)
    try send("CONNECT localhost", to: channel)
    loop.advanceTime(by: .seconds(59))
    #expect(channel.isActive)
    loop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test func ofTooManyTheOneThatHasWaitedLongestGoes() throws {
    var limits = HTTPLimits()
    limits.connections = 3
    let server = try server(nil, limits)
    var channels: [EmbeddedChannel] = []
    for _ in 0..<5 {
      channels.append(try connect(to: server))
      loop.advanceTime(by: .seconds(1))
    }
    #expect(channels.map(\.isActive) == [false, false, true, true, true])
  }
}

#endif
