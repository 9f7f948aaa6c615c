import MoteBytes
import MoteHub
import MoteMQTT
import Testing

@testable import Mote

/// An event with what its regions held.
struct Heard: Equatable {
  var kind: DeviceEvent.Kind
  var properties = ""
  var payload: [UInt8] = []
  var offset = 0
  var total = 0
  var token = 0
}

extension Rig {
  /// The bytes that leave the session, without a transport.
  func drain() -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let region = client.session.transmission(now: now)
      if region.count == 0 { return bytes }
      bytes += (0..<region.count).map { region[$0] }
      client.session.sent(region.count, now: now)
    }
  }

  /// Puts received bytes into the session, without a transport.
  func feed(_ bytes: [UInt8]) {
    let space = client.session.space()
    space.copy(bytes.span, to: 0)
    client.session.received(bytes.count)
  }

  /// What the next poll tells. Without a transport, a client that has nothing to tell loses its connection.
  func hear() -> Heard? {
    guard let told = poll() else { return nil }
    func bytes(_ region: Region) -> [UInt8] { (0..<region.count).map { region[$0] } }
    let properties = String(decoding: bytes(event.properties), as: UTF8.self)
    #expect(event.skippedCount == 0 || told.kind == .skipped)
    return Heard(
      kind: told.kind, properties: properties, payload: bytes(event.payload), offset: event.offset, total: event.total,
      token: event.token)
  }

  /// CONNECT as it leaves once TLS is open.
  func greet() throws -> [UInt8] {
    let flags: ConnectFlags = client.identity.usesCertificate ? .userName : .userName | .password
    let greeting = client.greeting(flags)
    let writer = try #require(greeting)
    try client.session.connect(writer, flags, now: now)
    client.step = .greeting
    return drain()
  }

  /// Sends SUBSCRIBE, without a transport.
  func subscribe() throws {
    var writer = client.session.compose()
    writer.appendField(("f" as StaticString).bytes)
    writer.append(1)
    client.subscription = try client.session.subscribe(writer, filters: 1)
    #expect(drain() == [0x82, 6, 0, 1, 0, 1, 102, 1])
  }

  /// Connected, without a transport.
  func open() throws {
    _ = try greet()
    feed([0x20, 2, 0, 0])
    #expect(hear() == Heard(kind: .connected))
  }
}

/// A PUBLISH.
func publish(_ topic: String, _ payload: [UInt8], identifier: UInt8? = nil) -> [UInt8] {
  let body = [0, UInt8(topic.utf8.count)] + Array(topic.utf8) + (identifier.map { [0, $0] } ?? []) + payload
  let length = body.count < 128 ? [UInt8(body.count)] : [UInt8(body.count & 127 | 128), UInt8(body.count >> 7)]
  return [identifier == nil ? 0x30 : 0x32] + length + body
}
