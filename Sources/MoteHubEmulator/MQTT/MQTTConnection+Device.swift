#if Tools

import Foundation
import Logging
import NIOCore

/// What a connected device says.
extension MQTTConnection {
  func received(_ publish: PublishPacket, from identity: DeviceAddress) throws {
    if publish.quality == 2 { throw ProtocolViolation("a PUBLISH of QoS 2") }
    guard let topic = DeviceTopic(publish.topic, of: identity) else {
      throw ProtocolViolation("a topic that is not documented: \(publish.topic.forLog)")
    }
    switch topic {
    case .telemetry(let bag):
      hub.receive(try telemetry(publish, bag), from: identity)
    case .methodResponse(let status, let requestId):
      if publish.payload.readableBytes > Hub.maximumMethodPayload {
        throw ProtocolViolation("an answer that is too large")
      }
      hub.answer(requestId, status: status, payload: Array(publish.payload.readableBytesView), from: identity)
    case .twinGet(let requestId): answer(requestId) { try (200, hub.twin(of: identity).deviceJSON.serialised, nil) }
    case .twinPatch(let requestId):
      answer(requestId) {
        guard let patch = try? JSON.parse(publish.payload.readableBytesView) else {
          throw HubError.argumentInvalid("The patch is not JSON.")
        }
        return (204, [], try hub.patchReported(patch, of: identity))
      }
    }
    if let id = publish.packetId, !hub.faults.take(identity, .losePubacks) { write(.acknowledgement(id)) }
  }

  /// A will is a message of the device, marked as one.
  func publish(will: PublishPacket, from identity: DeviceAddress) {
    guard case .telemetry(let bag)? = DeviceTopic(will.topic, of: identity), var message = try? telemetry(will, bag)
    else { return }
    message.systemProperties.append(.init("iothub-MessageType", "Will"))
    hub.receive(message, from: identity)
  }

  private func telemetry(_ publish: PublishPacket, _ bag: String) throws(ProtocolViolation) -> Telemetry {
    var message = Telemetry(body: Array(publish.payload.readableBytesView))
    for property in PropertyBag.properties(bag) {
      if let name = SystemProperty.name(property.name) {
        message.systemProperties.append(.init(name, property.value))
      } else {
        message.properties.append(property)
      }
    }
    if message.size > Telemetry.maximumSize { throw ProtocolViolation("a message of \(message.size) bytes") }
    // The hub keeps no message for later subscribers: it says that it was asked to.
    if publish.retain { message.properties.append(.init("mqtt-retain", "true")) }
    return message
  }

  /// Answers a request for a twin with a status, a body and a version, or with the error that comes instead.
  private func answer(_ requestId: String, _ result: () throws -> (Int, [UInt8], Int64?)) {
    let answer: (status: Int, body: [UInt8], version: Int64?)
    do {
      if let identity, hub.faults.take(identity, .throttle) { throw HubError.throttled }
      answer = try result()
    } catch {
      let refusal = (error as? HubError) ?? HubError(500, 500_001, "ServerError", "The hub failed.")
      if !(error is HubError) { hub.log.error("a twin cannot be read or written", metadata: ["error": "\(error)"]) }
      answer = (refusal.status, refusal.deviceJSON.serialised, nil)
    }
    // Nobody hears an answer without the subscription: that of QoS 0 comes to nothing.
    guard let quality = session.quality(of: .twinResponses) else { return }
    publish(HubTopic.twinResponse(answer.status, requestId: requestId, version: answer.version), answer.body, quality)
  }
}

extension HubError {
  /// As a device sees it (protocol.md 9.4).
  var deviceJSON: JSON {
    [
      "errorCode": .integer(Int64(code)), "trackingId": .string(UUID().uuidString), "message": .string(message),
      "timestampUtc": .string(Timestamp.text(.now)),
    ]
  }
}

#endif
