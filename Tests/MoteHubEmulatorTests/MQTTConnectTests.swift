#if Tools

import Foundation
import NIOCore
import NIOEmbedded
import NIOSSL
import Testing

@testable import MoteHubEmulator

/// Who is let in, and what the others are told (protocol.md 4, 5.2 and 5.4).
struct MQTTConnectTests {
  let rig: HubRig

  init() throws { rig = try HubRig() }

  private func code(_ packet: TestPacket, certificate: DeviceCertificate? = nil) throws -> UInt8? {
    let device = try rig.open(certificate: certificate)
    try device.send(packet)
    let answer = try device.received()
    #expect(answer?.prefix(2) == [0x20, 2] || answer == nil)
    #expect(device.isOpen == (answer?.last == 0))
    return answer?.last
  }

  @Test func eitherKey() throws {
    #expect(try code(.connect(rig.address, password: rig.token())) == 0)
    guard case .symmetricKey(_, let secondary)? = try rig.hub.store.identity(rig.address)?.authentication else {
      return
    }
    #expect(try code(.connect(rig.address, password: rig.token(key: secondary))) == 0)
    #expect(try code(.connect(rig.address, password: rig.token(key: Authentication.newKey()))) == 5)
  }

  @Test func whatIsRefused() throws {
    let unknown = DeviceAddress(device: "dev2"), capital = DeviceAddress(device: "DEV1")
    let token = rig.token()
    #expect(try code(.connect(unknown, password: rig.token(for: unknown))) == 5)
    #expect(try code(.connect(capital, password: rig.token(for: capital))) == 5)
    #expect(try code(.connect(rig.address, password: nil)) == 5)
    #expect(try code(.connect(rig.address, password: "secret")) == 4)
    #expect(try code(.connect(rig.address, password: token + "&skn=iothubowner")) == 5)
    #expect(try code(.connect(DeviceAddress(device: ""), password: token)) == 2)
    #expect(try code(.connect(DeviceAddress(device: "a b"), password: token)) == 2)
    #expect(try code(.connect(rig.address, password: token, user: "myhub.azure-devices.net/dev1/")) == 4)
    #expect(
      try code(.connect(rig.address, password: token, user: "myhub.azure-devices.net/dev2/?api-version=2021-04-12"))
        == 4)
    #expect(try code(.connect(rig.address, password: token, user: "other/dev1/?api-version=2021-04-12")) == 5)
    #expect(
      try code(.connect(rig.address, password: token, user: "MyHub.azure-devices.net/dev1/?api-version=2021-04-12"))
        == 0)
  }

  @Test func anotherVersion() throws {
    let level5 = TestPacket(0x10, TestPacket.text("MQTT") + [5, 2, 0, 60, 0] + TestPacket.text("dev1"))
    let level3 = TestPacket(0x10, TestPacket.text("MQIsdp") + [3, 2, 0, 60] + TestPacket.text("dev1"))
    #expect(try code(level5) == 1)
    #expect(try code(level3) == 1)
  }

  /// A device whose clock is behind has five minutes.
  @Test func expiredTokens() throws {
    #expect(try code(.connect(rig.address, password: rig.token(-200))) == 0)
    #expect(try code(.connect(rig.address, password: rig.token(-301))) == 5)
  }

  @Test func connectionEndsWithItsToken() throws {
    let device = try rig.open()
    try device.send(.connect(rig.address, password: rig.token(100), keepAlive: 600))
    rig.loop.advanceTime(by: .seconds(98))
    #expect(device.isOpen)
    rig.loop.advanceTime(by: .seconds(3))
    #expect(!device.isOpen)
    guard case .disconnected("its token has expired")? = rig.events.last?.kind else {
      Issue.record("another reason")
      return
    }
  }

  @Test func disabled() throws {
    let device = try rig.connect()
    var identity = try #require(try rig.hub.store.identity(rig.address))
    identity.isEnabled = false
    _ = try rig.hub.update(identity)
    #expect(!device.isOpen)
    #expect(try code(.connect(rig.address, password: rig.token())) == 5)
    let module = DeviceAddress(device: "dev1", module: "modA")
    try rig.hub.create(Identity(address: module, authentication: .symmetricKey(primary: rig.key, secondary: rig.key)))
    #expect(try code(.connect(module, password: rig.token(for: module))) == 5)
    identity = try #require(try rig.hub.store.identity(rig.address))
    identity.isEnabled = true
    identity = try rig.hub.update(identity)
    let other = try rig.connect(module)
    identity.isEnabled = false
    _ = try rig.hub.update(identity)
    #expect(!other.isOpen)
  }

  @Test func deletedOrWithNewKeys() throws {
    let first = try rig.connect()
    var identity = try #require(try rig.hub.store.identity(rig.address))
    identity.statusReason = "fine"
    identity = try rig.hub.update(identity)
    #expect(first.isOpen)
    identity.authentication = .newKeys()
    identity = try rig.hub.update(identity)
    #expect(!first.isOpen)
    identity.authentication = .symmetricKey(primary: rig.key, secondary: rig.key)
    _ = try rig.hub.update(identity)
    let second = try rig.connect()
    #expect(second.isOpen)
    try rig.hub.delete(rig.address)
    #expect(!second.isOpen)
  }

  @Test func modules() throws {
    let module = DeviceAddress(device: "dev1", module: "modA")
    try rig.hub.create(Identity(address: module, authentication: .symmetricKey(primary: rig.key, secondary: rig.key)))
    #expect(try code(.connect(module, password: rig.token(for: module))) == 0)
    #expect(try code(.connect(module, password: rig.token())) == 0)  // the device's resource is above the module's
    #expect(try code(.connect(rig.address, password: rig.token(for: module))) == 5)
  }

  /// A second connection of an identity ends the first.
  @Test func oneConnection() throws {
    let first = try rig.connect(), second = try rig.connect()
    #expect(!first.isOpen && second.isOpen)
    #expect(rig.kinds() == ["identity", "connected", "disconnected", "connected"])
    #expect(rig.hub.isConnected(rig.address))
  }

  @Test func certificates() throws {
    let now = Date.now, day = (now - 86_400)...(now + 86_400)
    let authority = try Certificate.new(.deviceAuthority, subject: "ours", valid: day)
    let stranger = try Certificate.new(.deviceAuthority, subject: "ours", valid: day)
    let rig = try HubRig(authorities: [authority.certificate])
    func shown(_ subject: String, _ issuer: Credential?, valid: ClosedRange<Date>? = nil) throws -> DeviceCertificate {
      let made = try Certificate.new(.device, subject: subject, issuer: issuer, valid: valid ?? day)
      let parsed = try NIOSSLCertificate(bytes: Array(made.certificate.pem.utf8), format: .pem)
      return try #require(DeviceCertificate([parsed.toDERBytes()]))
    }
    func code(_ device: String, _ certificate: DeviceCertificate?, password: String? = nil) throws -> UInt8? {
      let address = DeviceAddress(device: device)
      let connection = try rig.open(certificate: certificate)
      try connection.send(.connect(address, password: password))
      return try connection.received()?.last
    }
    let odd = "a,b=c+d"
    for device in ["vouched", odd] {
      try rig.hub.create(Identity(address: DeviceAddress(device: device), authentication: .certificateAuthority))
    }
    let good = try shown("vouched", authority)
    #expect(try code("vouched", good) == 0)
    #expect(try code(odd, shown(odd, authority)) == 0)
    #expect(try code("vouched", nil) == 5)
    #expect(try code("vouched", good, password: rig.token()) == 5)
    #expect(try code("vouched", shown("other", authority)) == 5)
    #expect(try code("vouched", shown("vouched", stranger)) == 5)
    #expect(try code("vouched", shown("vouched", nil)) == 5)
    #expect(try code("vouched", shown("vouched", authority, valid: (now - 200)...(now - 100))) == 5)
    #expect(try code("dev1", good) == 5)

    let own = try shown("whoever", nil), sha256 = try #require(own.thumbprint)
    let device = DeviceAddress(device: "self")
    try rig.hub.create(
      Identity(
        address: device,
        authentication: .selfSigned(primaryThumbprint: nil, secondaryThumbprint: sha256.uppercased())))
    #expect(try code("self", own) == 0)
    #expect(try code("self", good) == 5)
  }

  @Test func modelIsNoted() throws {
    let user =
      "myhub.azure-devices.net/dev1/?api-version=2021-04-12&DeviceClientType=x&model-id=dtmi%3Acom%3Aexample%3AThermostat%3B1"
    #expect(try code(.connect(rig.address, password: rig.token(), user: user)) == 0)
    #expect(try rig.hub.twin(of: rig.address).modelId == "dtmi:com:example:Thermostat;1")
  }

  @Test func silenceEndsIt() throws {
    let nobody = try rig.open()
    rig.loop.advanceTime(by: .seconds(31))
    #expect(!nobody.isOpen)

    // One and a half times keep-alive after the last packet.
    let device = try rig.connect(keepAlive: 100)
    rig.loop.advanceTime(by: .seconds(149))
    try device.send(.ping)
    rig.loop.advanceTime(by: .seconds(149))
    #expect(device.isOpen)
    rig.loop.advanceTime(by: .seconds(2))
    #expect(!device.isOpen)

    // 29.45 minutes, whatever keep-alive says.
    for keepAlive: UInt16 in [0, 65_535] {
      let patient = try rig.connect(keepAlive: keepAlive)
      rig.loop.advanceTime(by: .seconds(1_766))
      #expect(patient.isOpen)
      rig.loop.advanceTime(by: .seconds(2))
      #expect(!patient.isOpen)
    }
  }

  @Test func willIsTelemetry() throws {
    let will = (topic: "devices/dev1/messages/events/why=power", payload: "bye", flags: 0x08 as UInt8)
    let device = try rig.open()
    try device.send(.connect(rig.address, password: rig.token(), will: will))
    _ = try device.channel.finish()
    let message = try #require(rig.telemetry().first)
    #expect(message.body == Array("bye".utf8) && message.properties == [.init("why", "power")])
    #expect(message.systemProperties == [.init("iothub-MessageType", "Will")])

    let polite = try rig.open()
    try polite.send(.connect(rig.address, password: rig.token(), will: will))
    try polite.send(.disconnect)
    #expect(!polite.isOpen && rig.telemetry().count == 1)
  }

  @Test(arguments: [
    ("elsewhere", 0x08), ("devices/dev2/messages/events/", 0x08), ("devices/dev1/messages/events/", 0x10),
  ])
  func willsThatCloseTheConnection(_ topic: String, _ flags: UInt8) throws {
    #expect(try code(.connect(rig.address, password: rig.token(), will: (topic, "bye", flags))) == nil)
  }
}

#endif
