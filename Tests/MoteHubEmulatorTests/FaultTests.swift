#if Tools

import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import MoteHubEmulator

struct FaultTests {
  let rig: HubRig
  let events = "devices/dev1/messages/events/"

  init() throws { rig = try HubRig() }

  @Test func drop() throws {
    let device = try rig.connect()
    _ = try rig.hub.cause(Fault(.drop, device: "dev2"))
    #expect(device.isOpen)
    _ = try rig.hub.cause(Fault(.drop, device: "dev1"))
    #expect(!device.isOpen && rig.hub.faults.list.isEmpty)
  }

  @Test func refuseSoOften() throws {
    _ = try rig.hub.cause(Fault(.refuse(.serverUnavailable), count: 2))
    for _ in 0..<2 {
      let device = try rig.connect()
      #expect(try device.received() == [0x20, 2, 0, 3])
      #expect(!device.isOpen)
    }
    #expect(try rig.connect().received() == [0x20, 2, 0, 0])
    #expect(rig.hub.faults.list.isEmpty)
  }

  @Test func losePubacks() throws {
    let device = try rig.connect()
    _ = try device.received()
    let fault = try rig.hub.cause(Fault(.losePubacks, device: "dev1"))
    try device.send(.publish(events, "x", id: 1))
    #expect(try device.received() == nil)
    #expect(rig.hub.faults.remove(fault.id) && !rig.hub.faults.remove(fault.id))
    try device.send(.publish(events, "x", id: 1, flags: 8))
    #expect(try device.received() == [0x40, 2, 0, 1])
    #expect(rig.telemetry().count == 2)
  }

  @Test func throttle() throws {
    let device = try rig.connect()
    try device.send(.subscribe(1, [("$iothub/twin/res/#", 0)]))
    for _ in 0..<2 { _ = try device.received() }
    _ = try rig.hub.cause(Fault(.throttle, count: 1))
    try device.send(.publish("$iothub/twin/GET/?$rid=1"))
    #expect(try device.publish()?.topic == "$iothub/twin/res/429/?$rid=1")
    try device.send(.publish("$iothub/twin/GET/?$rid=2"))
    #expect(try device.publish()?.topic == "$iothub/twin/res/200/?$rid=2")
  }

  /// Later, and in order.
  @Test func delay() throws {
    let device = try rig.connect()
    _ = try device.received()
    _ = try rig.hub.cause(Fault(.delay(milliseconds: 500), count: 1))
    try device.send(.publish(events, "x", id: 1))
    try device.send(.publish(events, "x", id: 2))
    #expect(try device.received() == nil)
    rig.loop.advanceTime(by: .milliseconds(499))
    #expect(try device.received() == nil)
    rig.loop.advanceTime(by: .milliseconds(1))
    #expect(try device.received() == [0x40, 2, 0, 1])
    #expect(try device.received() == [0x40, 2, 0, 2])
    try device.send(.publish(events, "x", id: 3))
    #expect(try device.received() == [0x40, 2, 0, 3])
  }

  @Test func closeMidPacket() throws {
    let device = try rig.connect()
    _ = try device.received()
    _ = try rig.hub.cause(Fault(.closeMidPacket, count: 1))
    try device.send(.publish(events, "x", id: 1))
    #expect(try device.received() == [0x40, 2])
    #expect(!device.isOpen)
  }

  /// The token is not taken again; a new one is.
  @Test func expireTokens() throws {
    let token = rig.token(3_600)
    var device = try rig.open()
    try device.send(.connect(rig.address, password: token))
    _ = try rig.hub.cause(Fault(.expireTokens))
    #expect(!device.isOpen)
    device = try rig.open()
    try device.send(.connect(rig.address, password: token))
    #expect(try device.received() == [0x20, 2, 0, 5])
    device = try rig.open()
    try device.send(.connect(rig.address, password: rig.token(7_200)))
    #expect(try device.received() == [0x20, 2, 1, 0])
  }

  /// Those that were given, and no later ones; the other device's stay.
  @Test func expireUploads() throws {
    let other = DeviceAddress(device: "dev2")
    try rig.hub.create(Identity(address: other, authentication: .newKeys()))
    let upload = try rig.hub.beginUpload(of: "a", from: rig.address).upload
    let mine = BlobToken(blob: upload.blob, expiry: upload.expiry)
    let theirs = BlobToken(blob: "dev2/a", expiry: try rig.hub.beginUpload(of: "a", from: other).upload.expiry)
    #expect(!rig.hub.hasEnded(mine) && !rig.hub.hasEnded(theirs))
    #expect(rig.hub.hasEnded(mine, now: upload.expiry))
    _ = try rig.hub.cause(Fault(.expireUploads, device: "dev1"))
    #expect(rig.hub.hasEnded(mine) && !rig.hub.hasEnded(theirs) && rig.hub.faults.list.isEmpty)
    #expect(!rig.hub.hasEnded(BlobToken(blob: mine.blob, expiry: upload.expiry + 1)))
    _ = try rig.hub.cause(Fault(.expireUploads))
    #expect(rig.hub.hasEnded(theirs))
  }

  @Test func failOver() throws {
    #expect(throws: HubError.self) { try rig.hub.cause(Fault(.failOver(host: "127.0.0.1", port: 1))) }
    let device = try rig.connect()
    rig.hub.failOver = { [loop = rig.loop] host, port in
      #expect(host == "127.0.0.2" && port == 8_884)
      return loop.makeSucceededVoidFuture()
    }
    _ = try rig.hub.cause(Fault(.failOver(host: "127.0.0.2", port: 8_884)))
    #expect(!device.isOpen)
  }

  @Test(arguments: [
    #"{"id":0,"kind":"drop"}"#, #"{"id":0,"kind":"expireTokens","device":"a","module":"m"}"#,
    #"{"id":0,"kind":"failOver","host":"127.0.0.2","port":8884}"#,
    #"{"id":0,"kind":"refuse","code":3,"device":"a","count":2}"#,
    #"{"id":0,"kind":"delay","milliseconds":250}"#, #"{"id":0,"kind":"throttle"}"#, #"{"id":0,"kind":"losePubacks"}"#,
    #"{"id":0,"kind":"closeMidPacket"}"#, #"{"id":0,"kind":"refuseUpload","status":503,"device":"a","count":2}"#,
    #"{"id":0,"kind":"closeMidUpload"}"#, #"{"id":0,"kind":"expireUploads"}"#,
  ])
  func inJSON(_ text: String) throws { #expect(try Fault(JSON.parse(text.utf8)).json.text == text) }

  @Test(arguments: [
    "{}", #"{"kind":"x"}"#, #"{"kind":"refuse"}"#, #"{"kind":"refuse","code":0}"#, #"{"kind":"refuse","code":6}"#,
    #"{"kind":"refuseUpload"}"#, #"{"kind":"refuseUpload","status":404}"#, #"{"kind":"delay"}"#,
    #"{"kind":"delay","milliseconds":0}"#, #"{"kind":"failOver","port":70000}"#,
    // Not everybody: whom it is for is not said.
    #"{"kind":"drop","device":["a"]}"#, #"{"kind":"drop","device":"a","module":1}"#, #"{"kind":"throttle","count":0}"#,
  ])
  func wrongJSON(_ text: String) throws {
    #expect(throws: HubError.self) { try Fault(JSON.parse(text.utf8)) }
  }
}

#endif
