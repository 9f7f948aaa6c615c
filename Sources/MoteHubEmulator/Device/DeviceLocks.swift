#if Tools

import Foundation
import Logging
import NIOCore

/// Which messages devices have taken by a poll and have not settled. A lock that is not settled in its time is as good as
/// abandoned.
final class DeviceLocks {
  /// The service's, which cannot be changed.
  static let time = TimeAmount.seconds(60)

  private struct Lock {
    let address: DeviceAddress
    let message: CloudMessage
    let end: Scheduled<Void>
  }

  private unowned let hub: Hub
  private var locks: [String: Lock] = [:]

  init(_ hub: Hub) { self.hub = hub }

  /// The token that settles it.
  func lock(_ message: CloudMessage, of address: DeviceAddress) -> String {
    let token = UUID().uuidString.lowercased()
    let end = hub.eventLoop.assumeIsolated().scheduleTask(in: Self.time) { [weak self] in
      guard let self, let lock = locks.removeValue(forKey: token) else { return }
      do {
        try hub.abandon(lock.message, of: lock.address)
      } catch {
        hub.log.error("a message whose lock has ended is stuck", metadata: ["error": "\(error)"])
      }
    }
    locks[token] = Lock(address: address, message: message, end: end)
    return token
  }

  /// The message that the token locks; nil when it locks none of this device's.
  func unlock(_ token: String, of address: DeviceAddress) -> CloudMessage? {
    guard let lock = locks[token], lock.address == address else { return nil }
    locks[token] = nil
    lock.end.cancel()
    return lock.message
  }
}

extension Hub {
  /// The oldest message that waits for a device and that nobody has. It is locked: it is completed, rejected or abandoned in time.
  func takeMessage(for address: DeviceAddress) throws -> CloudMessage? {
    let now = Date.now
    let message = try store.messages(for: address).first {
      !locked.contains($0.sequenceNumber) && ($0.expiry ?? now) > now
    }
    guard let message else { return nil }
    locked.insert(message.sequenceNumber)
    events.publish(.cloudMessage(.delivered, message), of: address)
    return message
  }

  /// The device does not want a message.
  func reject(_ message: CloudMessage, of address: DeviceAddress) throws {
    locked.remove(message.sequenceNumber)
    if try store.complete(message.sequenceNumber, .rejected) {
      events.publish(.cloudMessage(.rejected, message), of: address)
    }
  }

  /// The device wants a message later. One that was handed out too often is given up.
  func abandon(_ message: CloudMessage, of address: DeviceAddress) throws {
    locked.remove(message.sequenceNumber)
    guard let count = try store.countDelivery(message.sequenceNumber) else { return }
    events.publish(.cloudMessage(.abandoned, message), of: address)
    if count >= CloudMessage.maximumDeliveries, try store.complete(message.sequenceNumber, .deliveryCountExceeded) {
      return events.publish(.cloudMessage(.deadLettered, message), of: address)
    }
    links[address]?.messagesWait()
  }
}

#endif
