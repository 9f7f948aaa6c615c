#if Tools

import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import MoteHubEmulator

/// What a connected device may say, what it hears, and what closes its connection (protocol.md 5 to 9).
struct MQTTDeviceTests {
  let rig: HubRig
  let device: TestDevice
  let events = "devices/dev1/messages/events/"

  init() throws {
    rig = try HubRig()
    device = try rig.connect()
    #expect(try device.received() == [0x20, 2, 0, 0])
  }

  // MARK: Telemetry

  @Test func telemetry() throws {
    try device.send(
      .publish(
        events + "%24.mid=42&%24.ct=application%2Fjson&$.ce=utf-8&a%20b=%C3%A9%3D&none&empty=&plus=+", "{}", id: 7))
    #expect(try device.received() == [0x40, 2, 0, 7])
    let message = try #require(rig.telemetry().first)
    #expect(
      message.systemProperties == [
        .init("messageId", "42"), .init("contentType", "application/json"), .init("contentEncoding", "utf-8"),
      ])
    #expect(message.properties == [.init("a b", "é="), .init("none", nil), .init("empty", ""), .init("plus", "+")])
    #expect(message.body == Array("{}".utf8))
    try device.send(.publish(events, "x"))
    #expect(try device.received() == nil && rig.telemetry().count == 2)
  }

  /// The answer's topic has the request's identifier and more words than the request's.
  @Test(arguments: [(65_000, true), (65_001, false), (65_511, false)])
  func longestRequestIdentifier(_ count: Int, isTaken: Bool) throws {
    try device.send(.subscribe(1, [("$iothub/twin/res/#", 0)]))
    _ = try device.received()
    let id = String(repeating: "r", count: count)
    try device.send(.publish("$iothub/twin/GET/?$rid=" + id))
    #expect(device.isOpen == isTaken)
    #expect(try device.publish()?.topic == (isTaken ? "$iothub/twin/res/200/?$rid=" + id : nil))
  }

  /// What a device sends does not pass for a line of the log, and does not fill it.
  @Test func reasonsAreOfOneLine() throws {
    try device.send(.publish("a\n2026-11-23 \u{1B}[2J\u{E9}" + String(repeating: "x", count: 1_000)))
    guard case .disconnected(let reason)? = rig.events.last?.kind else {
      Issue.record("no event")
      return
    }
    let text = #"a topic that is not documented: a\n2026-11-23 \u{1B}[2J\u{00E9}"#
    #expect(reason.hasPrefix(text) && reason.hasSuffix("xxx...") && reason.utf8.count < 300)
  }

  @Test func retainIsAProperty() throws {
    try device.send(.publish(events, "x", flags: 1))
    #expect(rig.telemetry().first?.properties == [.init("mqtt-retain", "true")])
  }

  @Test func largestMessage() throws {
    try device.send(.publish(events + "ab=c", String(repeating: "x", count: 262_141)))
    #expect(device.isOpen && rig.telemetry().count == 1)
    try device.send(.publish(events + "ab=c", String(repeating: "x", count: 262_142)))
    #expect(!device.isOpen && rig.telemetry().count == 1)
  }

  @Test(arguments: [
    "devices/dev1/messages/events", "devices/dev2/messages/events/", "devices/dev1/modules/m/messages/events/", "a",
    "$iothub/twin/GET/",
    "$iothub/twin/GET/?x=1", "$iothub/methods/res/abc/?$rid=1", "$iothub/twin/PATCH/properties/desired/?$rid=1",
    "devices/dev1/messages/devicebound/",
  ])
  func otherTopicsClose(_ topic: String) throws {
    try device.send(.publish(topic, "{}", id: 1))
    #expect(!device.isOpen && rig.telemetry().isEmpty)
    #expect(try device.received() == nil)
  }

  @Test func qualityOfService2Closes() throws {
    var bytes = TestPacket.publish(events, "x", id: 1).bytes
    bytes[0] = 0x34
    try device.send(bytes)
    #expect(!device.isOpen && rig.telemetry().isEmpty)
  }

  // MARK: Subscriptions

  private let five: [(String, UInt8)] = [
    ("devices/dev1/messages/devicebound/#", 1), ("$iothub/methods/POST/#", 0), ("$iothub/twin/res/#", 0),
    ("$iothub/twin/PATCH/properties/desired/#", 2), ("$iothub/credentials/res/#", 1),
  ]

  @Test func whatIsGranted() throws {
    try device.send(.subscribe(3, five))
    #expect(try device.received() == [0x90, 7, 0, 3, 1, 0, 0, 1, 1])
    try device.send(.subscribe(4, five))
    #expect(device.isOpen)
    try device.send(.subscribe(5, [("$iothub/methods/POST/reboot/#", 0)]))
    #expect(!device.isOpen)
  }

  @Test func unsubscribed() throws {
    try device.send(.subscribe(3, five))
    try device.send(.unsubscribe(4, "$iothub/methods/POST/#"))
    _ = try device.received()
    #expect(try device.received() == [0xB0, 2, 0, 4])
    #expect(rig.hub.links[rig.address]?.takesMethod("reboot") == false)
  }

  @Test(arguments: [
    "#", "devices/dev1/#", "devices/dev2/messages/devicebound/#", "devices/dev1/messages/events/#", "$iothub/twin/#",
    "$iothub/methods/POST/+/#", "$iothub/methods/POST//#", "devices/dev1/modules/m/inputs/#", "$SYS/#", "+/+",
  ])
  func otherFiltersClose(_ filter: String) throws {
    try device.send(.subscribe(1, [(filter, 0 as UInt8)]))
    #expect(!device.isOpen)
    #expect(try device.received() == nil)
  }

  // MARK: Twins

  private func subscribeToTwin() throws {
    try device.send(.subscribe(1, [("$iothub/twin/res/#", 0), ("$iothub/twin/PATCH/properties/desired/#", 0)]))
    _ = try device.received()
  }

  @Test func twinIsReadAndReported() throws {
    try subscribeToTwin()
    try device.send(.publish("$iothub/twin/PATCH/properties/reported/?$rid=2", #"{"a":1}"#))
    #expect(try #require(try device.publish()) == (0x30, "$iothub/twin/res/204/?$rid=2&$version=2", nil, ""))
    try device.send(.publish("$iothub/twin/GET/?$rid=1"))
    #expect(
      try #require(try device.publish())
        == (0x30, "$iothub/twin/res/200/?$rid=1", nil, #"{"desired":{"$version":1},"reported":{"a":1,"$version":2}}"#))
  }

  @Test(arguments: ["", "[]", "{", "{\"a\":1} x", "{\"a.b\":1}"])
  func badPatches(_ patch: String) throws {
    try subscribeToTwin()
    try device.send(.publish("$iothub/twin/PATCH/properties/reported/?$rid=ab-9", patch))
    let answer = try #require(try device.publish())
    #expect(answer.topic == "$iothub/twin/res/400/?$rid=ab-9")
    #expect(try JSON.parse(answer.payload.utf8)["errorCode"]?.integer == 400_004)
    #expect(device.isOpen)
  }

  @Test func desiredChangesAreTold() throws {
    try subscribeToTwin()
    _ = try rig.hub.update(TwinUpdate(desired: ["a": 1, "b": ["c": 2]]), twinOf: rig.address)
    #expect(
      try #require(try device.publish())
        == (0x30, "$iothub/twin/PATCH/properties/desired/?$version=2", nil, #"{"a":1,"b":{"c":2},"$version":2}"#))
    _ = try rig.hub.update(TwinUpdate(desired: ["a": nil]), twinOf: rig.address)
    #expect(
      try #require(try device.publish())
        == (0x30, "$iothub/twin/PATCH/properties/desired/?$version=3", nil, #"{"a":null,"$version":3}"#))
    _ = try rig.hub.update(TwinUpdate(tags: ["t": 1]), twinOf: rig.address)
    #expect(try device.received() == nil)
  }

  // MARK: Methods

  @Test func methodIsCalledAndAnswered() throws {
    try device.send(.subscribe(1, [("$iothub/methods/POST/#", 0)]))
    _ = try device.received()
    let first = rig.hub.invoke("reboot", payload: ["in": 5], on: rig.address)
    let second = rig.hub.invoke("light*on", payload: nil, on: rig.address)
    #expect(try #require(try device.publish()) == (0x30, "$iothub/methods/POST/reboot/?$rid=1", nil, #"{"in":5}"#))
    #expect(try #require(try device.publish()) == (0x30, "$iothub/methods/POST/light%2Aon/?$rid=2", nil, ""))
    try device.send(.publish("$iothub/methods/res/404/?$rid=2"))
    try device.send(.publish("$iothub/methods/res/200/?$rid=1", #"{"ok":true}"#))
    try device.send(.publish("$iothub/methods/res/200/?$rid=1", #"{"ok":false}"#))
    #expect(result(second) == .success(MethodAnswer(status: 404, payload: nil)))
    #expect(result(first) == .success(MethodAnswer(status: 200, payload: ["ok": true])))
    #expect(device.isOpen)
  }

  /// What a call has come to; nil when it waits still.
  private func result(_ call: EventLoopFuture<MethodAnswer>) -> Result<MethodAnswer, HubError>? {
    var result: Result<MethodAnswer, HubError>?
    call.assumeIsolated().whenComplete { result = $0.mapError { ($0 as? HubError) ?? .throttled } }
    return result
  }

  private func error(_ call: EventLoopFuture<MethodAnswer>) -> Int? {
    if case .failure(let error)? = result(call) { error.code } else { nil }
  }

  @Test func methodsThatFail() throws {
    #expect(error(rig.hub.invoke("reboot", payload: nil, on: rig.address)) == 404_103)
    #expect(error(rig.hub.invoke("reboot", payload: nil, on: DeviceAddress(device: "dev2"))) == 404_001)
    #expect(error(rig.hub.invoke("re boot", payload: nil, on: rig.address)) == 400_004)
    try device.send(.subscribe(1, [("$iothub/methods/POST/reboot/#", 0)]))
    #expect(error(rig.hub.invoke("light", payload: nil, on: rig.address)) == 404_103)

    let late = rig.hub.invoke("reboot", payload: nil, responseTimeout: 10, on: rig.address)
    _ = try device.received()
    let answer = try #require(try device.publish()).topic.replacing("POST/reboot", with: "res/200")
    rig.loop.advanceTime(by: .seconds(9))
    #expect(result(late) == nil)
    rig.loop.advanceTime(by: .seconds(2))
    #expect(error(late) == 504_101)
    try device.send(.publish(answer))
    #expect(device.isOpen)

    let nonsense = rig.hub.invoke("reboot", payload: nil, on: rig.address)
    let second = try #require(try device.publish()).topic.replacing("POST/reboot", with: "res/200")
    try device.send(.publish(second, "{nonsense"))
    #expect(error(nonsense) == 502_001)

    let lost = rig.hub.invoke("reboot", payload: nil, on: rig.address)
    try device.send(.disconnect)
    #expect(error(lost) == 404_104)
  }

  /// With a time to connect, a call waits for a device that comes.
  @Test func methodWaitsForItsDevice() throws {
    let early = rig.hub.invoke("reboot", payload: nil, connectTimeout: 5, on: rig.address)
    let inVain = rig.hub.invoke("light", payload: nil, connectTimeout: 5, on: rig.address)
    try device.send(.subscribe(1, [("$iothub/methods/POST/reboot/#", 0)]))
    _ = try device.received()
    let request = try #require(try device.publish())
    rig.loop.advanceTime(by: .seconds(6))
    try device.send(.publish(request.topic.replacing("POST/reboot", with: "res/200")))
    #expect(result(early) == .success(MethodAnswer(status: 200, payload: nil)))
    #expect(error(inVain) == 404_103)
  }

  @Test func payloadsThatAreTooLarge() throws {
    try device.send(.subscribe(1, [("$iothub/methods/POST/#", 0)]))
    let payload = JSON.string(String(repeating: "x", count: 128 * 1024))
    #expect(error(rig.hub.invoke("reboot", payload: payload, on: rig.address)) == 413_001)
    _ = rig.hub.invoke("reboot", payload: nil, on: rig.address)
    try device.send(.publish("$iothub/methods/res/200/?$rid=1", payload.text))
    #expect(!device.isOpen)
  }
}

#endif
