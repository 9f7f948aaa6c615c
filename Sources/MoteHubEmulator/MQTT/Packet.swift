#if Tools

import NIOCore

/// A packet that a client sends (MQTT 3.1.1, protocol.md 4). Those of QoS 2 have no place at a hub.
enum ClientPacket: Equatable {
  case connect(ConnectPacket)
  case publish(PublishPacket)
  case acknowledgement(UInt16)
  case subscribe(UInt16, [Subscription])
  case unsubscribe(UInt16, [String])
  case ping
  case disconnect
}

/// What a client asks for when it connects.
struct ConnectPacket: Equatable {
  struct Will: Equatable {
    var topic: String
    var payload: ByteBuffer
    var quality: UInt8
    var retain: Bool
  }

  var protocolName: String
  var level: UInt8
  var isClean: Bool
  /// Seconds; 0 for none.
  var keepAlive: UInt16
  var clientId: String
  var will: Will?
  var userName: String?
  var password: String?
}

struct PublishPacket: Equatable {
  var topic: String
  var payload: ByteBuffer
  /// Quality of service: 0, 1 or 2.
  var quality: UInt8 = 0
  /// Absent with quality of service 0.
  var packetId: UInt16?
  var isDuplicate = false
  var retain = false
}

/// A filter and the quality of service that is asked for.
struct Subscription: Hashable {
  var filter: String
  var quality: UInt8
}

/// The return codes of CONNACK.
package enum ConnectCode: UInt8, Sendable, CaseIterable {
  case accepted = 0
  case unacceptableProtocolVersion = 1
  case identifierRejected = 2
  case serverUnavailable = 3
  case badUserNameOrPassword = 4
  case notAuthorised = 5
}

/// A packet that the hub sends.
enum ServerPacket: Equatable {
  case connectAcknowledgement(sessionPresent: Bool, ConnectCode)
  case publish(PublishPacket)
  case acknowledgement(UInt16)
  case subscribeAcknowledgement(UInt16, [UInt8])
  case unsubscribeAcknowledgement(UInt16)
  case pong
}

#endif
