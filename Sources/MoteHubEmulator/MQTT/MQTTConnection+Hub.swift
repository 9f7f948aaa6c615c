#if Tools

import Logging
import NIOCore

/// What the hub has to say to a device.
extension MQTTConnection: DeviceLink {
  var address: DeviceAddress { identity ?? DeviceAddress(device: "") }
  var protocolName: String { "mqtt" }

  func takesMethod(_ name: String) -> Bool { session.quality(ofMethod: name) != nil }

  func invoke(_ call: MethodCall) {
    guard let quality = session.quality(ofMethod: call.name) else { return }
    publish(HubTopic.method(call.name, requestId: call.requestId), call.payload?.serialised ?? [], quality)
    flush()
  }

  func desiredChanged(_ notification: JSON, version: Int64) {
    guard let quality = session.quality(of: .desiredChanges) else { return }
    publish(HubTopic.desired(version: version), notification.serialised, quality)
    flush()
  }

  func messagesWait() {
    guard let identity, let quality = session.quality(of: .cloudMessages) else { return }
    do {
      let messages = try hub.takeMessages(for: identity)
      for (index, message) in messages.enumerated() {
        // A fault has ended the connection in between.
        if context == nil { return hub.release(messages[index...]) }
        if quality == 0 {
          deliver(message, packetId: nil, isDuplicate: false)
          try hub.complete(message, of: identity)
        } else {
          deliver(message, packetId: session.deliver(message), isDuplicate: false)
        }
      }
    } catch {
      hub.log.error("messages cannot be taken from the queue", metadata: ["error": "\(error)"])
      close("the hub failed")
    }
    flush()
  }

  func expireToken() {
    guard let identity, let token else { return }
    hub.expiredTokens[identity] = token
    close("a fault: its token has expired")
  }

  func deliver(_ message: CloudMessage, packetId: UInt16?, isDuplicate: Bool) {
    let topic = HubTopic.cloudMessage(message, to: address)
    let payload = ByteBuffer(bytes: message.body)
    write(
      .publish(
        PublishPacket(
          topic: topic, payload: payload, quality: packetId == nil ? 0 : 1, packetId: packetId,
          isDuplicate: isDuplicate)))
  }

  /// Publishes what is not repeated: with QoS 1 it has a packet identifier, and nobody waits for its PUBACK.
  func publish(_ topic: String, _ payload: [UInt8], _ quality: UInt8) {
    let packetId = quality == 0 ? nil : session.newPacketId()
    write(
      .publish(PublishPacket(topic: topic, payload: ByteBuffer(bytes: payload), quality: quality, packetId: packetId)))
  }
}

#endif
