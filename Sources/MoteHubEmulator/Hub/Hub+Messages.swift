#if Tools

import Foundation
import Logging

/// Messages from the cloud to devices (protocol.md 7). The store has the queues; who holds a message locked is known here.
extension Hub {
  /// Puts a message in a device's queue; returns it with its number and times.
  package func send(_ message: CloudMessage, to address: DeviceAddress) throws -> CloudMessage {
    if address.module != nil { throw HubError.argumentInvalid("Modules take no messages from the cloud.") }
    var message = message
    if message.to == nil { message.to = "/devices/\(PropertyBag.encoded(address.device))/messages/deviceBound" }
    // With all its properties in the topic, which is text of MQTT.
    let topic =
      HubTopic.cloudMessage(message, to: address).utf8.count + "&%24.exp=2026-11-23T08%3A30%3A00.000Z".utf8.count
    if topic > Int(UInt16.max) { throw HubError.tooLarge("The properties do not fit into a topic.") }
    message = try store.enqueue(message, for: address)
    events.publish(.cloudMessage(.enqueued, message), of: address)
    links[address]?.messagesWait()
    return message
  }

  /// The messages that wait for a device, that no connection has and that are wanted, the oldest first. They are locked: each
  /// is completed or released in time.
  package func takeMessages(
    for address: DeviceAddress, where isWanted: (CloudMessage) -> Bool = { _ in true }
  ) throws -> [CloudMessage] {
    let now = Date.now
    let messages = try store.messages(for: address).filter { message in
      !locked.contains(message.sequenceNumber) && (message.expiry ?? now) > now && isWanted(message)
    }
    for message in messages {
      locked.insert(message.sequenceNumber)
      events.publish(.cloudMessage(.delivered, message), of: address)
    }
    return messages
  }

  /// The device has a message.
  package func complete(_ message: CloudMessage, of address: DeviceAddress) throws {
    locked.remove(message.sequenceNumber)
    if try store.complete(message.sequenceNumber) { events.publish(.cloudMessage(.completed, message), of: address) }
  }

  /// Lets go of messages that a connection had: the next one gets them. That does not count as a delivery.
  package func release(_ messages: some Sequence<CloudMessage>) {
    for message in messages { locked.remove(message.sequenceNumber) }
  }

  /// Drops messages whose time is over.
  func expire() {
    do {
      for (address, message) in try store.expire() {
        locked.remove(message.sequenceNumber)
        events.publish(.cloudMessage(.expired, message), of: address)
      }
    } catch {
      log.error("messages whose time is over cannot be dropped", metadata: ["error": "\(error)"])
    }
  }
}

#endif
