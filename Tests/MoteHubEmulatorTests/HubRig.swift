#if Tools

import Foundation
import Logging
import NIOCore
import NIOEmbedded

@testable import MoteHubEmulator

/// A hub in memory on a loop whose time stands still, with devices that are bytes.
final class HubRig {
  let loop = EmbeddedEventLoop()
  let hub: Hub
  let front: MQTTFront
  let address = DeviceAddress(device: "dev1")
  /// The 32 bytes 00 to 1F, as in protocol.md 3.5.
  let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  private(set) var events: [HubEvent] = []
  private var reader: EventReader?

  init(authorities: [Certificate] = []) throws {
    let settings = HubSettings(hostName: "myhub.azure-devices.net", deviceAuthorities: authorities)
    var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    log.logLevel = .critical
    hub = Hub(eventLoop: loop, store: try Store(), settings: settings, log: log)
    front = MQTTFront(hub)
    reader = hub.events.subscribe { [unowned self] in
      while let next = reader?.next() { events.append(next.event) }
    }
    try hub.create(
      Identity(address: address, authentication: .symmetricKey(primary: key, secondary: Authentication.newKey())))
  }

  /// A token that ends in so many seconds.
  func token(_ seconds: TimeInterval = 3_600, for address: DeviceAddress? = nil, key: String? = nil) -> String {
    let address = address ?? self.address
    let resource = "myhub.azure-devices.net/devices/\(address.device)" + (address.module.map { "/modules/\($0)" } ?? "")
    return SharedAccessSignature.token(for: resource, key: key ?? self.key, expiry: .now + seconds) ?? ""
  }

  /// A connection that has not said anything.
  func open(certificate: DeviceCertificate? = nil) throws -> TestDevice {
    try TestDevice(front, loop, certificate: certificate)
  }

  /// A connected device.
  func connect(_ address: DeviceAddress? = nil, clean: Bool = false, keepAlive: UInt16 = 240) throws -> TestDevice {
    let device = try open()
    let address = address ?? self.address
    try device.send(.connect(address, password: token(for: address), clean: clean, keepAlive: keepAlive))
    return device
  }

  /// What `kind` is of the events, in order.
  func kinds() -> [String] { events.map(\.name) }

  func telemetry() -> [Telemetry] {
    events.compactMap { if case .telemetry(let message) = $0.kind { message } else { nil } }
  }
}

/// A device's end of a connection without a network.
final class TestDevice {
  let channel: EmbeddedChannel

  init(_ front: MQTTFront, _ loop: EmbeddedEventLoop, certificate: DeviceCertificate? = nil) throws {
    channel = EmbeddedChannel(
      handlers: [ByteToMessageHandler(PacketDecoder()), MQTTConnection(front) { _ in certificate }], loop: loop)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  var isOpen: Bool { channel.isActive }

  func send(_ bytes: [UInt8]) throws {
    // What the hub has against it shows as a close.
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    channel.embeddedEventLoop.run()
  }

  func send(_ packet: TestPacket) throws { try send(packet.bytes) }

  /// The next packet of the hub's, header and all; nil when there is none.
  func received() throws -> [UInt8]? {
    try channel.readOutbound(as: ByteBuffer.self).map { Array($0.readableBytesView) }
  }

  /// The next packet, which is a PUBLISH.
  func publish() throws -> (header: UInt8, topic: String, packetId: UInt16?, payload: String)? {
    guard let packet = try received(), packet.first.map({ $0 >> 4 == 3 }) == true else { return nil }
    var rest = packet.dropFirst()
    while let byte = rest.popFirst(), byte & 0x80 != 0 {}
    let length = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
    let topic = String(decoding: rest.prefix(length), as: UTF8.self)
    rest = rest.dropFirst(length)
    var packetId: UInt16?
    if packet[0] & 6 != 0 { packetId = UInt16(rest.removeFirst()) << 8 | UInt16(rest.removeFirst()) }
    return (packet[0], topic, packetId, String(decoding: rest, as: UTF8.self))
  }
}

/// A client's packets, put together by hand: another reading of the specification than the hub's.
struct TestPacket {
  let bytes: [UInt8]

  init(_ header: UInt8, _ body: [UInt8]) {
    var length: [UInt8] = [], rest = body.count
    repeat {
      length.append(UInt8(rest % 128) + (rest >= 128 ? 128 : 0))
      rest /= 128
    } while rest > 0
    bytes = [header] + length + body
  }

  static func text(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count / 256), UInt8(text.utf8.count % 256)] + Array(text.utf8)
  }

  static func connect(
    _ address: DeviceAddress, password: String?, clean: Bool = false, keepAlive: UInt16 = 240,
    user: String? = nil, will: (topic: String, payload: String, flags: UInt8)? = nil
  ) -> TestPacket {
    let flags: UInt8 = 0x80 | (password == nil ? 0 : 0x40) | (clean ? 2 : 0) | (will.map { 4 | $0.flags } ?? 0)
    return TestPacket(
      0x10,
      text("MQTT") + [4, flags, UInt8(keepAlive / 256), UInt8(keepAlive % 256)] + text("\(address)")
        + (will.map { text($0.topic) + text($0.payload) } ?? [])
        + text(user ?? "myhub.azure-devices.net/\(address)/?api-version=2021-04-12")
        + (password.map(text) ?? []))
  }

  static func publish(_ topic: String, _ payload: String = "", id: UInt16? = nil, flags: UInt8 = 0) -> TestPacket {
    let identifier = id.map { [UInt8($0 / 256), UInt8($0 % 256)] } ?? []
    return TestPacket(0x30 | flags | (id == nil ? 0 : 2), text(topic) + identifier + Array(payload.utf8))
  }

  static func subscribe(_ id: UInt16, _ filters: [(String, UInt8)]) -> TestPacket {
    TestPacket(0x82, [UInt8(id / 256), UInt8(id % 256)] + filters.flatMap { text($0.0) + [$0.1] })
  }

  static func unsubscribe(_ id: UInt16, _ filter: String) -> TestPacket {
    TestPacket(0xA2, [UInt8(id / 256), UInt8(id % 256)] + text(filter))
  }

  static func acknowledgement(_ id: UInt16) -> TestPacket { TestPacket(0x40, [UInt8(id / 256), UInt8(id % 256)]) }

  static let ping = TestPacket(0xC0, [])
  static let disconnect = TestPacket(0xE0, [])
}

#endif
