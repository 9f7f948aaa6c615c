#if Tools

import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import MoteHubEmulator

/// Messages that a device has polled for, and the minute that it has for settling them.
struct DeviceLockTests {
  let rig: HubRig
  let locks: DeviceLocks

  init() throws {
    rig = try HubRig()
    locks = DeviceLocks(rig.hub)
  }

  private func stages() -> [HubEvent.CloudMessageStage] {
    rig.events.compactMap { if case .cloudMessage(let stage, _) = $0.kind { stage } else { nil } }
  }

  private func take() throws -> CloudMessage? { try rig.hub.takeMessage(for: rig.address) }

  @Test("A lock that is not settled in a minute ends, and the message comes again, counted")
  func ends() throws {
    _ = try rig.hub.send(CloudMessage(body: [1]), to: rig.address)
    let message = try #require(try take())
    #expect(message.deliveryCount == 0)
    let token = locks.lock(message, of: rig.address)
    #expect(try take() == nil)
    rig.loop.advanceTime(by: .seconds(60) - .milliseconds(1))
    #expect(try take() == nil)
    rig.loop.advanceTime(by: .milliseconds(1))
    #expect(locks.unlock(token, of: rig.address) == nil)
    #expect(try take()?.deliveryCount == 1)
    #expect(stages() == [.enqueued, .delivered, .abandoned, .delivered])
  }

  @Test("A lock that is settled ends nothing later")
  func settled() throws {
    _ = try rig.hub.send(CloudMessage(body: [1]), to: rig.address)
    let token = locks.lock(try #require(try take()), of: rig.address)
    let message = try #require(locks.unlock(token, of: rig.address))
    #expect(locks.unlock(token, of: rig.address) == nil)
    try rig.hub.complete(message, of: rig.address)
    rig.loop.advanceTime(by: .seconds(120))
    #expect(stages() == [.enqueued, .delivered, .completed])
    #expect(try take() == nil)
  }

  @Test("A token is its own device's")
  func others() throws {
    _ = try rig.hub.send(CloudMessage(body: [1]), to: rig.address)
    let token = locks.lock(try #require(try take()), of: rig.address)
    #expect(locks.unlock(token, of: DeviceAddress(device: "other")) == nil)
    #expect(locks.unlock(token, of: rig.address) != nil)
  }

  @Test("A message that nobody settles ten times is given up")
  func givenUp() throws {
    _ = try rig.hub.send(CloudMessage(body: [1]), to: rig.address)
    for count in 0..<10 {
      let message = try #require(try take())
      #expect(message.deliveryCount == count)
      _ = locks.lock(message, of: rig.address)
      rig.loop.advanceTime(by: .seconds(60))
    }
    #expect(try take() == nil)
    #expect(stages().suffix(2) == [.abandoned, .deadLettered])
  }
}

#endif
