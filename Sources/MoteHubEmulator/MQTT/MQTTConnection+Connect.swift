#if Tools

import Foundation
import Logging
import NIOCore

/// How a connection begins: CONNECT and its answer.
extension MQTTConnection {
  func connect(_ packet: ConnectPacket) throws {
    do {
      try admit(packet)
    } catch let refusal as Refusal {
      hub.log.info("refused", metadata: ["client": "\(packet.clientId.forLog)", "reason": "\(refusal.reason)"])
      write(.connectAcknowledgement(sessionPresent: false, refusal.code))
      flush()
      close(refusal.reason)
    }
  }

  private func admit(_ packet: ConnectPacket) throws {
    guard let context else { return }
    guard packet.protocolName == "MQTT", packet.level == 4 else {
      throw Refusal(.unacceptableProtocolVersion, "it does not speak MQTT 3.1.1")
    }
    guard let address = DeviceAddress(clientId: packet.clientId) else {
      throw Refusal(.identifierRejected, "the client identifier is none of a device or module")
    }
    guard let userName = packet.userName.flatMap({ UserName($0, of: packet.clientId) }) else {
      throw Refusal(.badUserNameOrPassword, "the user name is not hub/client identifier/?api-version=...")
    }
    let refused = hub.faults.take(address) { if case .refuse(let code) = $0 { code } else { ConnectCode?.none } }
    if let refused { throw Refusal(refused, "a fault: refuse") }

    let credentials = DeviceCredentials(token: packet.password, certificate: certificate(context))
    let end = try hub.authenticate(credentials, as: address, host: userName.host)
    if let will = packet.will { try keep(will, of: address) }

    token = packet.password
    if let model = userName.modelId { try hub.announce(model, of: address) }
    identity = address
    hub.attach(self)
    try resume(isClean: packet.isClean, address)
    if let end {
      let left = TimeAmount.milliseconds(Int64(end.timeIntervalSinceNow * 1_000))
      tokenTimer = schedule(in: left) { $0.close("its token has expired") }
    }
    watch(keepAlive: packet.keepAlive)
    front.spoke(self)
  }

  /// Takes up the session where the last connection left it, or begins a new one.
  private func resume(isClean: Bool, _ address: DeviceAddress) throws {
    let kept = front.sessions.removeValue(forKey: address)
    isPersistent = !isClean
    if isPersistent, let kept { session = kept }
    write(.connectAcknowledgement(sessionPresent: isPersistent && kept != nil, .accepted))
    // A fault may have ended the connection.
    if context == nil { return }

    // What it has not acknowledged comes again, in order and under the same identifiers.
    let sent = Set(session.deliveries.map(\.message.sequenceNumber))
    let again = try hub.takeMessages(for: address) { sent.contains($0.sequenceNumber) }
    session.keepDeliveries(of: Set(again.map(\.sequenceNumber)))
    for delivery in session.deliveries { deliver(delivery.message, packetId: delivery.packetId, isDuplicate: true) }
    messagesWait()
  }

  private func keep(_ will: ConnectPacket.Will, of address: DeviceAddress) throws {
    let publish = PublishPacket(topic: will.topic, payload: will.payload, quality: will.quality, retain: will.retain)
    guard will.quality < 2 else { throw ProtocolViolation("a will of QoS 2") }
    guard case .telemetry? = DeviceTopic(will.topic, of: address) else {
      throw ProtocolViolation("a will with a topic that is not the telemetry's")
    }
    self.will = publish
  }
}

/// `hub/device/?api-version=2021-04-12`, or with `device/module` (protocol.md 5.2).
struct UserName: Equatable {
  let host: String
  let modelId: String?

  /// Nil when it is not one, or names another client.
  init?(_ text: String, of clientId: String) {
    guard let slash = text.firstIndex(of: "/") else { return nil }
    host = String(text[..<slash])
    let rest = text[text.index(after: slash)...]
    guard rest.hasPrefix(clientId + "/?") else { return nil }
    let parameters = PropertyBag.properties(rest.dropFirst(clientId.count + 2))
    guard parameters.contains(where: { $0.name == "api-version" && $0.value?.isEmpty == false }) else { return nil }
    modelId = parameters.first { $0.name == "model-id" }?.value
  }
}

extension DeviceAddress {
  /// `device` or `device/module`; nil when it is neither.
  init?(clientId: String) {
    let parts = clientId.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count) else { return nil }
    self.init(device: parts[0], module: parts.count == 2 ? parts[1] : nil)
    guard isValid else { return nil }
  }
}

#endif
