#if Tools

/// What the hub keeps of a device between its connections (MQTT 3.1.1, 3.1.2.4; protocol.md 5.4): its subscriptions, and
/// the messages that it has not acknowledged.
struct MQTTSession {
  /// Most subscriptions of a device.
  static let maximumSubscriptions = 5

  /// A message that was sent at QoS 1, under this packet identifier.
  struct Delivery {
    let packetId: UInt16
    let message: CloudMessage
  }

  /// With the quality of service that was granted.
  private(set) var subscriptions: [DeviceFilter: UInt8] = [:]
  /// In the order in which they were sent.
  private(set) var deliveries: [Delivery] = []
  private var last: UInt16 = 0

  /// Returns what is granted: QoS 1 at most.
  mutating func subscribe(_ filter: DeviceFilter, quality: UInt8) throws(ProtocolViolation) -> UInt8 {
    let granted = min(quality, 1)
    if subscriptions[filter] == nil && subscriptions.count == Self.maximumSubscriptions {
      throw ProtocolViolation("more than \(Self.maximumSubscriptions) subscriptions")
    }
    subscriptions[filter] = granted
    return granted
  }

  mutating func unsubscribe(_ filter: DeviceFilter) { subscriptions[filter] = nil }

  func quality(of filter: DeviceFilter) -> UInt8? { subscriptions[filter] }

  /// The granted quality of service of a method's calls; nil when the device does not take it.
  func quality(ofMethod name: String) -> UInt8? {
    subscriptions[.methods(nil)] ?? subscriptions[.methods(name)]
  }

  /// A packet identifier for a message that waits for its PUBACK from now on.
  mutating func deliver(_ message: CloudMessage) -> UInt16 {
    let packetId = newPacketId()
    deliveries.append(Delivery(packetId: packetId, message: message))
    return packetId
  }

  /// A packet identifier that no delivery has.
  mutating func newPacketId() -> UInt16 {
    repeat { last = last == .max ? 1 : last + 1 } while deliveries.contains { $0.packetId == last }
    return last
  }

  /// The message that a PUBACK is for; nil when it is for none.
  mutating func acknowledge(_ packetId: UInt16) -> CloudMessage? {
    guard let index = deliveries.firstIndex(where: { $0.packetId == packetId }) else { return nil }
    return deliveries.remove(at: index).message
  }

  /// Forgets deliveries whose messages are gone.
  mutating func keepDeliveries(of sequenceNumbers: Set<Int64>) {
    deliveries.removeAll { !sequenceNumbers.contains($0.message.sequenceNumber) }
  }
}

#endif
