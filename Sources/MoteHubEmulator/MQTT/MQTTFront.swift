#if Tools

import NIOCore

/// What all MQTT connections of a hub share: the sessions of devices that are away, and who has not said CONNECT yet.
final class MQTTFront {
  /// How long a client may take from its first byte to the end of CONNECT.
  static let patience = TimeAmount.seconds(30)
  /// Most connections that have not said CONNECT. The one that has waited longest makes room for a new one: whoever
  /// opens connections and says nothing keeps nobody out.
  static let maximumSilent = 2_048

  let hub: Hub
  /// Persistent sessions, whether their devices are there or not.
  var sessions: [DeviceAddress: MQTTSession] = [:]
  private var silent: [ObjectIdentifier: (place: UInt64, connection: MQTTConnection)] = [:]
  private var order: [(place: UInt64, id: ObjectIdentifier)] = []
  private var last: UInt64 = 0

  init(_ hub: Hub) {
    self.hub = hub
    hub.forget = { [unowned self] address in sessions = sessions.filter { !address.includes($0.key) } }
  }

  func opened(_ connection: MQTTConnection) {
    last += 1
    silent[ObjectIdentifier(connection)] = (last, connection)
    order.append((last, ObjectIdentifier(connection)))
    if silent.count > Self.maximumSilent { closeOldest() }
    if order.count > 2 * Self.maximumSilent { order.removeAll { silent[$0.id]?.place != $0.place } }
  }

  /// A connection has said CONNECT, or has ended.
  func spoke(_ connection: MQTTConnection) { silent[ObjectIdentifier(connection)] = nil }

  private func closeOldest() {
    guard let oldest = order.first(where: { silent[$0.id]?.place == $0.place }) else { return }
    silent.removeValue(forKey: oldest.id)?.connection.close("too many connections that say nothing")
  }
}

#endif
