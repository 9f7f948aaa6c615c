#if Tools

import Foundation
import NIOHTTP1

/// Messages to the cloud: one whose properties are headers, or a batch as JSON (protocol.md 12.2 and 12.3).
extension DeviceAPI {
  static let batchType = "application/vnd.microsoft.iothub.json"

  func receive(_ request: HTTPRequest, from address: DeviceAddress) throws -> HTTPResponse {
    if request.body.count > Telemetry.maximumSize {
      throw HubError.tooLarge("The body has \(request.body.count) bytes; there may be \(Telemetry.maximumSize).")
    }
    let type = request.headers.first(name: "Content-Type")?.prefix { $0 != ";" }
    let messages: [Telemetry]
    if type?.lowercased().trimmingCharacters(in: .whitespaces) == Self.batchType {
      messages = try batch(request.json())
    } else {
      messages = [try Telemetry(request.headers.map { ($0.name, $0.value) }, body: request.body)]
    }
    // All of a batch, or nothing of it.
    for message in messages { hub.receive(message, from: address) }
    return HTTPResponse(.noContent)
  }

  private func batch(_ json: JSON) throws(HubError) -> [Telemetry] {
    guard let items = json.array, !items.isEmpty else {
      throw .argumentInvalid("A batch is an array of messages, one at least.")
    }
    var messages: [Telemetry] = []
    for item in items {
      guard let object = item.object else { throw .argumentInvalid("A message of a batch is an object.") }
      if let name = object.first(where: { !["body", "base64Encoded", "properties"].contains($0.name) })?.name {
        throw .argumentInvalid("\(name): a message of a batch has nothing of this name.")
      }
      guard let text = try item.text("body") else { throw .argumentInvalid("A message of a batch has a body.") }
      var body = Array(text.utf8)
      if try item.flag("base64Encoded") ?? true {
        guard let data = Data(base64Encoded: text) else { throw .argumentInvalid("body: it is not base64.") }
        body = Array(data)
      }
      var properties: [(String, String)] = []
      switch item["properties"] {
      case nil, .null: break
      case .object(let members):
        for (name, _) in members {
          guard let value = try JSON.object(members).text(name) else {
            throw .argumentInvalid("properties: '\(name)' is not a string.")
          }
          properties.append((name, value))
        }
      default: throw .argumentInvalid("properties: it is not a JSON object.")
      }
      messages.append(try Telemetry(properties, body: body))
    }
    return messages
  }
}

extension Telemetry {
  /// What headers call system properties, in lower case, and what they are called where people see them.
  private static let headers = [
    "iothub-messageid": "messageId", "iothub-correlationid": "correlationId", "iothub-userid": "userId",
    "iothub-contenttype": "contentType", "iothub-contentencoding": "contentEncoding",
    "iothub-creationtimeutc": "creationTime", "iothub-to": "to", "iothub-expiry": "expiry", "iothub-ack": "ack",
    "iothub-messageschema": "messageSchema", "iothub-interface-id": "interfaceId", "dt-subject": "component",
  ]

  /// A message whose properties are headers, or a batch's properties of the same names. Over HTTP they are ASCII.
  fileprivate init(_ fields: [(String, String)], body: [UInt8]) throws(HubError) {
    self.init(body: body)
    for (name, value) in fields {
      let lower = name.lowercased()
      if lower.hasPrefix("iothub-app-") {
        guard name.utf8.count > 11 else { throw .argumentInvalid("A property has a name.") }
        properties.append(.init(String(name.dropFirst(11)), value))
      } else if let long = Self.headers[lower] {
        systemProperties.append(.init(long, value))
      } else {
        continue
      }
      if !value.utf8.allSatisfy({ $0 < 0x80 }) { throw .argumentInvalid("\(name): over HTTP properties are ASCII.") }
    }
    if size > Self.maximumSize { throw .tooLarge("The message has \(size) bytes with its properties.") }
  }
}

#endif
