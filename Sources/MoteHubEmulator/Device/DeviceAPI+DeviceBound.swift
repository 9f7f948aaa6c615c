#if Tools

import NIOHTTP1

/// Messages from the cloud: a poll gets the oldest, locked for a minute, and then completes, rejects or abandons it
/// (protocol.md 12.4 and 12.5).
extension DeviceAPI {
  func next(_ request: HTTPRequest, for address: DeviceAddress) throws -> HTTPResponse {
    guard let message = try hub.takeMessage(for: address) else { return HTTPResponse(.noContent) }
    let token = locks.lock(message, of: address)
    var headers: HTTPHeaders = [
      "ETag": "\"\(token)\"", "iothub-sequencenumber": String(message.sequenceNumber),
      "iothub-enqueuedtime": Timestamp.text(message.enqueuedTime, digits: 3),
      "iothub-deliverycount": String(message.deliveryCount), "iothub-ack": message.acknowledgement.rawValue,
    ]
    let fields = [
      ("iothub-messageid", message.messageId), ("iothub-correlationid", message.correlationId),
      ("iothub-userid", message.userId), ("iothub-to", message.to),
      ("iothub-expiry", message.expiry.map { Timestamp.text($0, digits: 3) }), ("ContentType", message.contentType),
      ("ContentEncoding", message.contentEncoding),
    ]
    for (name, value) in fields { if let value { headers.add(name: name, value: value.inHeader) } }
    for property in message.properties {
      headers.add(name: "iothub-app-\(property.name.inHeaderName)", value: (property.value ?? "").inHeader)
    }
    return HTTPResponse(.ok, headers: headers, body: message.body)
  }

  /// Completes, or with `&reject` rejects.
  func settle(_ request: HTTPRequest, of address: DeviceAddress) throws -> HTTPResponse {
    let isRejected = request.query["reject"] != nil
    let message = try unlock(request, address)
    if isRejected {
      try hub.reject(message, of: address)
    } else {
      try hub.complete(message, of: address)
    }
    return HTTPResponse(.noContent)
  }

  func abandon(_ request: HTTPRequest, of address: DeviceAddress) throws -> HTTPResponse {
    try hub.abandon(unlock(request, address), of: address)
    return HTTPResponse(.noContent)
  }

  private func unlock(_ request: HTTPRequest, _ address: DeviceAddress) throws -> CloudMessage {
    let token = request.parameters["token"] ?? ""
    if let match = request.ifMatch, match != token && match != "*" { throw HubError.preconditionFailed }
    guard let message = locks.unlock(token, of: address) else {
      throw HubError(412, 412_002, "DeviceMessageLockLost", "Nothing is locked with this token: a lock lasts a minute.")
    }
    return message
  }
}

extension String {
  /// As the value of a header: over HTTP properties are printable ASCII. Other text is percent-encoded as a whole, as in a topic.
  fileprivate var inHeader: String { utf8.allSatisfy { (0x20...0x7E).contains($0) } ? self : PropertyBag.encoded(self) }

  /// As a part of a header's name, which has fewer characters than a property's (RFC 9110, 5.6.2).
  fileprivate var inHeaderName: String {
    let isToken = utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    return isToken ? self : PropertyBag.encoded(self)
  }
}

#endif
