#if Tools

import Foundation
import Logging
import MoteHubEmulator
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// A hub with the service's API, on a loop whose time the test makes.
final class TestService {
  let loop = EmbeddedEventLoop()
  let hub: Hub
  let server: HTTPServer
  let key = Authentication.newKey()

  init() throws {
    var log = Logger(label: "test")
    log.logLevel = .critical
    hub = Hub(eventLoop: loop, store: try Store(), settings: HubSettings(hostName: "hub.example"), log: log)
    var router = Router()
    ServiceAPI(hub).addRoutes(to: &router)
    let policy = ServicePolicy(key: key, hosts: ["hub.example"])
    server = HTTPServer(on: loop, router: router, names: ["hub.example"], authorise: policy.authorise)
  }

  struct Answer {
    let status: Int
    let text: String

    func header(_ name: String) -> String? {
      text.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }.map {
        String($0.dropFirst(name.count + 2))
      }
    }

    /// The body, when the status is the right one.
    func expect(_ status: Int, _ location: SourceLocation = #_sourceLocation) throws -> JSON {
      #expect(self.status == status, "\(text)", sourceLocation: location)
      return try JSON.parse((text.components(separatedBy: "\r\n\r\n").last ?? "").utf8)
    }
  }

  /// A request that was sent, whose answer may come later.
  struct Pending {
    let channel: EmbeddedChannel

    /// What came since it was asked last.
    func text() throws -> String {
      channel.embeddedEventLoop.run()
      var text = ""
      while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
      return text
    }

    func answer() throws -> Answer {
      let text = try text()
      return Answer(status: text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text: text)
    }
  }

  var token: String? {
    SharedAccessSignature.token(for: "hub.example", key: key, expiry: .now + 60, policy: ServicePolicy.name)
  }

  func begin(
    _ method: String, _ path: String, body: String = "", _ headers: [String: String] = [:], token: String?
  ) throws -> Pending {
    let channel = EmbeddedChannel(loop: loop)
    try server.serve(channel)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    var text = "\(method) \(path) HTTP/1.1\r\nHost: hub.example\r\nContent-Length: \(body.utf8.count)\r\n"
    if let token { text += "Authorization: \(token)\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    try channel.writeInbound(ByteBuffer(string: text + "\r\n" + body))
    loop.run()
    return Pending(channel: channel)
  }

  func begin(_ method: String, _ path: String, _ json: JSON? = nil) throws -> Pending {
    try begin(method, path, body: json?.text ?? "", token: token)
  }

  func request(_ method: String, _ path: String, body: String, _ headers: [String: String] = [:]) throws -> Answer {
    try begin(method, path, body: body, headers, token: token).answer()
  }

  func request(_ method: String, _ path: String, _ json: JSON, _ headers: [String: String] = [:]) throws -> Answer {
    try request(method, path, body: json.text, headers)
  }

  func request(_ method: String, _ path: String, _ json: JSON, token: String?) throws -> Answer {
    try begin(method, path, body: json.text, token: token).answer()
  }

  func get(_ path: String) throws -> Answer { try request("GET", path, body: "") }
  func put(_ path: String, _ json: JSON, _ headers: [String: String] = [:]) throws -> Answer {
    try request("PUT", path, json, headers)
  }
  func delete(_ path: String, _ headers: [String: String] = [:]) throws -> Answer {
    try request("DELETE", path, body: "", headers)
  }
}

/// A device that is connected, and notes what it is told.
final class TestLink: DeviceLink {
  let address: DeviceAddress
  let protocolName = "test"
  var calls: [MethodCall] = []
  var notifications: [JSON] = []

  init(_ address: DeviceAddress) { self.address = address }

  func takesMethod(_ name: String) -> Bool { true }
  func invoke(_ call: MethodCall) { calls.append(call) }
  func messagesWait() {}
  func desiredChanged(_ notification: JSON, version: Int64) { notifications.append(notification) }
  func expireToken() {}
  func close(_ reason: String) {}
}

#endif
