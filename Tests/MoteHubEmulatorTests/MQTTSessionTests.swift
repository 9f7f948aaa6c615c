#if Tools

import Foundation
import NIOCore
import Testing

@testable import MoteHubEmulator

/// What a session keeps, and messages from the cloud (protocol.md 5.4 and 7).
struct MQTTSessionTests {
  let rig: HubRig
  let filter = ("devices/dev1/messages/devicebound/#", 1 as UInt8)

  init() throws { rig = try HubRig() }

  private func send(_ body: String, _ change: (inout CloudMessage) -> Void = { _ in }) throws {
    var message = CloudMessage(body: Array(body.utf8))
    change(&message)
    _ = try rig.hub.send(message, to: rig.address)
  }

  @Test func messageWithEverything() throws {
    let device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    try send("hi") {
      $0.messageId = "a1"
      $0.correlationId = "c/1"
      $0.userId = "u"
      $0.contentType = "text/plain"
      $0.contentEncoding = "utf-8"
      $0.acknowledgement = .full
      $0.expiry = Date(timeIntervalSinceNow: 60)
      $0.properties = [.init("color", "red"), .init("none", nil), .init("é", "a=b&c")]
    }
    _ = try device.received()
    #expect(try device.received() == [0x90, 3, 0, 1, 1])
    let message = try #require(try device.publish())
    #expect(message.header == 0x32 && message.packetId == 1 && message.payload == "hi")
    let prefix =
      "devices/dev1/messages/devicebound/%24.mid=a1&%24.cid=c%2F1&%24.uid=u&%24.to=%2Fdevices%2Fdev1%2Fmessages%2FdeviceBound&%24.exp=20"
    #expect(message.topic.hasPrefix(prefix))
    #expect(
      message.topic.hasSuffix("Z&%24.ct=text%2Fplain&%24.ce=utf-8&iothub-ack=full&color=red&none&%C3%A9=a%3Db%26c"))
    try device.send(.acknowledgement(1))
    #expect(try rig.hub.store.messages(for: rig.address).isEmpty)
    try device.send(.acknowledgement(1))
    try device.send(.acknowledgement(99))
    #expect(device.isOpen)
    let stages = rig.events.compactMap { if case .cloudMessage(let stage, _) = $0.kind { stage } else { nil } }
    #expect(stages == [.enqueued, .delivered, .completed])
  }

  /// Each time that a message leaves is one event, whether it waits for the subscription or comes again.
  @Test func deliveriesAreEvents() throws {
    try send("hi")
    var device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    device = try rig.connect()
    try device.send(.acknowledgement(1))
    let stages = rig.events.compactMap { if case .cloudMessage(let stage, _) = $0.kind { stage } else { nil } }
    #expect(stages == [.enqueued, .delivered, .delivered, .completed])
  }

  /// What was not acknowledged comes again, in order, with DUP and the same identifiers, until it is.
  @Test func redelivery() throws {
    var device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    for body in ["one", "two", "three"] { try send(body) }
    for _ in 0..<5 { _ = try device.received() }
    try device.send(.acknowledgement(2))
    try device.send(.disconnect)
    try send("four")

    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 1, 0])
    let messages = try (0..<3).map { _ in try #require(try device.publish()) }
    #expect(messages.map(\.payload) == ["one", "three", "four"])
    #expect(messages.map(\.header) == [0x3A, 0x3A, 0x32])
    #expect(messages.map(\.packetId) == [1, 3, 4])
    #expect(try device.received() == nil)
    try device.send(.acknowledgement(1))

    // A clean session knows nothing of it: the rest comes as new, once it has subscribed.
    device = try rig.connect(clean: true)
    #expect(try device.received() == [0x20, 2, 0, 0])
    #expect(try device.received() == nil)
    try device.send(.subscribe(1, [filter]))
    _ = try device.received()
    let anew = try (0..<2).map { _ in try #require(try device.publish()) }
    #expect(anew.map(\.payload) == ["three", "four"] && anew.map(\.header) == [0x32, 0x32])
    #expect(try rig.hub.store.messages(for: rig.address).map(\.deliveryCount) == [0, 0])

    // And leaves nothing.
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 0, 0])
    #expect(try device.received() == nil)
  }

  @Test func subscriptionSurvives() throws {
    var device = try rig.connect()
    try device.send(.subscribe(1, [filter, ("$iothub/methods/POST/#", 0)]))
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 1, 0])
    #expect(rig.hub.links[rig.address]?.takesMethod("reboot") == true)
    try send("hi")
    #expect(try device.publish()?.payload == "hi")
  }

  @Test func atMostOnce() throws {
    let device = try rig.connect()
    try send("early")
    try device.send(.subscribe(1, [("devices/+/messages/devicebound/#", 0)]))
    _ = try device.received()
    _ = try device.received()
    let message = try #require(try device.publish())
    #expect(message.header == 0x30 && message.payload == "early")
    #expect(try rig.hub.store.messages(for: rig.address).isEmpty)
  }

  @Test func timeToLive() throws {
    try send("short") { $0.expiry = Date(timeIntervalSinceNow: 0.05) }
    try send("long")
    while Date.now < (try rig.hub.store.messages(for: rig.address).first?.expiry ?? .now) {}
    rig.hub.expire()
    #expect(try rig.hub.store.messages(for: rig.address).map(\.body) == [Array("long".utf8)])
    guard case .cloudMessage(.expired, _)? = rig.events.last?.kind else {
      Issue.record("no event")
      return
    }
  }

  @Test func queueOfFifty() throws {
    for _ in 0..<50 { try send("x") }
    #expect(throws: HubError.self) { try send("x") }
    let device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    for id: UInt16 in 1...50 { try device.send(.acknowledgement(id)) }
    try send("x")
  }

  @Test func whatCannotBeSent() throws {
    try send(String(repeating: "x", count: 65_000))
    #expect(throws: HubError.self) { try send(String(repeating: "x", count: 65_537)) }
    // Three bytes of topic for each of these.
    #expect(throws: HubError.self) {
      try send("") { $0.properties = [.init("a", String(repeating: "é", count: 15_000))] }
    }
    let module = DeviceAddress(device: "dev1", module: "m")
    #expect(throws: HubError.self) { try rig.hub.send(CloudMessage(body: []), to: module) }
  }

  /// A sixth subscription ends the connection, and is not in the session that stays.
  @Test func sixthSubscriptionIsNotKept() throws {
    var device = try rig.connect()
    try device.send(.subscribe(1, (1...6).map { ("$iothub/methods/POST/m\($0)/#", 0) }))
    #expect(!device.isOpen)
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 1, 0])
    let link = try #require(rig.hub.links[rig.address])
    #expect(link.takesMethod("m5") && !link.takesMethod("m6"))
  }

  /// A new identity of the same name has no session, and none of the old one's messages.
  @Test func sessionGoesWithItsIdentity() throws {
    var device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    try send("hi")
    try rig.hub.delete(rig.address)
    #expect(!device.isOpen)
    try rig.hub.create(
      Identity(address: rig.address, authentication: .symmetricKey(primary: rig.key, secondary: rig.key)))
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 0, 0])
    #expect(try device.received() == nil)
  }

  /// When a fault ends the connection between two messages, none of them is stuck.
  @Test func messagesOutliveAFault() throws {
    var device = try rig.connect()
    try device.send(.subscribe(1, [filter]))
    try device.send(.disconnect)
    for body in ["one", "two", "three"] { try send(body) }
    for kind: Fault.Kind in [.closeMidPacket, .closeMidPacket] {
      device = try rig.connect()
      _ = try rig.hub.cause(Fault(kind, count: 1))
      try device.send(.ping)
      #expect(!device.isOpen)
    }
    _ = try rig.hub.cause(Fault(.closeMidPacket, count: 1))
    #expect(try !rig.connect().isOpen)
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 1, 0])
    let bodies = try (0..<3).map { _ in try #require(try device.publish()).payload }
    #expect(bodies == ["one", "two", "three"])
  }

  @Test func identifiersGoRound() throws {
    var session = MQTTSession()
    let kept = session.deliver(CloudMessage(body: []))
    var ids: Set<UInt16> = []
    for _ in 0..<65_534 { ids.insert(session.newPacketId()) }
    #expect(kept == 1 && ids.count == 65_534 && !ids.contains(0) && !ids.contains(1))
    #expect(session.newPacketId() == 2)
  }
}

#endif
