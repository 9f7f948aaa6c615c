#if Tools

import Foundation
import NIOHTTP1

/// Messages from the cloud to devices (protocol.md 7). The service takes them over AMQP alone; here they come by HTTP.
extension ServiceAPI {
  func addMessages(to router: inout Router) {
    for path in ["/emulator/devices/{device}/messages", "/emulator/devices/{device}/modules/{module}/messages"] {
      router.on(.POST, path) { request in
        let message = try hub.send(CloudMessage(request.json()), to: request.address())
        return .json(message.json, status: .created)
      }
      router.on(.GET, path) { request in
        let address = try request.address()
        guard try hub.store.identity(address) != nil else { throw HubError.notFound(address) }
        return .json(.array(try hub.store.messages(for: address).map(\.json)))
      }
    }
    router.on(.DELETE, "/devices/{device}/commands") { request in
      let address = try request.address()
      guard try hub.store.identity(address) != nil else { throw HubError.notFound(address) }
      let count = try hub.store.purge(address)
      return .json([
        "totalMessagesPurged": .integer(Int64(count)), "deviceId": .string(address.device), "moduleId": nil,
      ])
    }
  }
}

extension CloudMessage {
  /// What it is known by once it is in the queue.
  fileprivate var json: JSON {
    var object: JSON.Object = ["sequenceNumber": .integer(sequenceNumber)]
    object["messageId"] = messageId.map(JSON.string)
    object["enqueuedTime"] = .string(Timestamp.text(enqueuedTime, digits: 3))
    object["expiry"] = expiry.map { .string(Timestamp.text($0, digits: 3)) }
    object["deliveryCount"] = .integer(Int64(deliveryCount))
    object["bytes"] = .integer(Int64(size))
    return .object(object)
  }

  /// Reads what a client wants to send: `body` is text, `bodyBase64` anything.
  fileprivate init(_ json: JSON, now: Date = .now) throws(HubError) {
    guard let object = json.object else { throw .argumentInvalid("The body is not a JSON object.") }
    switch (try json.text("body"), try json.text("bodyBase64")) {
    case (_?, _?): throw .argumentInvalid("There are both body and bodyBase64.")
    case (let text, nil): self.init(body: Array((text ?? "").utf8))
    case (nil, let text?):
      guard let data = Data(base64Encoded: text) else { throw .argumentInvalid("bodyBase64: it is not base64.") }
      self.init(body: Array(data))
    }
    let known = [
      "body", "bodyBase64", "messageId", "correlationId", "userId", "contentType", "contentEncoding", "ack", "expiry",
      "timeToLive", "properties",
    ]
    if let name = object.first(where: { !known.contains($0.name) })?.name {
      throw .argumentInvalid("\(name): a message has nothing of this name.")
    }
    messageId = try json.text("messageId")
    if let messageId, !Self.isIdentifier(messageId) {
      throw .argumentInvalid(
        "messageId: it has 1 to 128 characters: ASCII letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '")
    }
    correlationId = try json.text("correlationId")
    userId = try json.text("userId")
    contentType = try json.text("contentType")
    contentEncoding = try json.text("contentEncoding")
    if let text = try json.text("ack") {
      guard let value = Acknowledgement(rawValue: text) else {
        throw .argumentInvalid(
          "ack: it is none of \(Acknowledgement.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      acknowledgement = value
    }
    if let text = try json.text("expiry") {
      guard let date = Timestamp.date(text) else { throw .argumentInvalid("expiry: it is no time of ISO 8601.") }
      expiry = date
    }
    if let seconds = try json.integer("timeToLive", in: 1...Int64(Self.maximumTimeToLive)) {
      if expiry != nil { throw .argumentInvalid("There are both expiry and timeToLive.") }
      expiry = now + TimeInterval(seconds)
    }
    switch json["properties"] {
    case nil, .null: break
    case .object(let members):
      for (name, _) in members {
        if name.isEmpty || name.hasPrefix("$.") || name.lowercased().hasPrefix("iothub-") {
          throw .argumentInvalid("properties: '\(name)' is no name of an application's property.")
        }
        properties.append(Property(name, try JSON.object(members).text(name)))
      }
    default: throw .argumentInvalid("properties: it is not a JSON object.")
    }
  }

  /// As device identifiers, with a semicolon besides.
  private static func isIdentifier(_ text: String) -> Bool {
    DeviceAddress.isValid(text.replacingOccurrences(of: ";", with: "-"))
  }
}

#endif
