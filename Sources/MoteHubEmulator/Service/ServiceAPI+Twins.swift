#if Tools

import NIOHTTP1

/// Twins: read, patched, replaced.
extension ServiceAPI {
  func addTwins(to router: inout Router) {
    for path in ["/twins/{device}", "/twins/{device}/modules/{module}"] {
      router.on(.GET, path) { request in try twin(of: request.address()) }
      router.on(.PATCH, path) { try change($0, replaces: false) }
      router.on(.PUT, path) { try change($0, replaces: true) }
    }
  }

  private func twin(of address: DeviceAddress) throws -> HTTPResponse {
    guard let identity = try hub.store.identity(address) else { throw HubError.notFound(address) }
    let twin = try hub.twin(of: address)
    return .json(try json(twin, of: identity), etag: twin.etag)
  }

  private func change(_ request: HTTPRequest, replaces: Bool) throws -> HTTPResponse {
    let address = try request.address(), json = try request.json()
    guard json.object != nil else { throw HubError.argumentInvalid("The body is not a JSON object.") }
    let update = TwinUpdate(json, replaces: replaces)
    if !update.isEmpty { _ = try hub.update(update, twinOf: address, ifMatch: request.ifMatch) }
    return try twin(of: address)
  }

  /// A twin as the service side has it.
  func json(_ twin: Twin, of identity: Identity) throws -> JSON {
    let connection = try ConnectionState(of: identity.address, in: hub)
    var object: JSON.Object = ["deviceId": .string(identity.address.device)]
    object["moduleId"] = identity.address.module.map(JSON.string)
    object["etag"] = .string(twin.etag)
    object["deviceEtag"] = .string(identity.etag)
    object["status"] = .string(identity.status)
    object["statusReason"] = identity.statusReason.map(JSON.string)
    object["statusUpdateTime"] = .string(Timestamp.text(identity.statusUpdatedTime))
    object["connectionState"] = .string(connection.name)
    object["lastActivityTime"] = .string(connection.lastActivityTime)
    object["cloudToDeviceMessageCount"] = .integer(Int64(connection.waitingMessages))
    object["authenticationType"] = .string(identity.authentication.typeName)
    object["x509Thumbprint"] = identity.authentication.thumbprints
    object["modelId"] = .string(twin.modelId ?? "")
    object["version"] = .integer(twin.version)
    object["tags"] = .object(twin.tags)
    object["properties"] = twin.serviceProperties
    object["capabilities"] = ["iotEdge": .bool(identity.isEdge)]
    return .object(object)
  }
}

extension TwinUpdate {
  /// `tags` and `properties.desired` of what a client sends; a section that is absent or null is left as it is, and the rest,
  /// which is not the client's to change, is passed over.
  init(_ json: JSON, replaces: Bool) {
    func section(_ value: JSON?) -> JSON? { value == .null ? nil : value }
    self.init(tags: section(json["tags"]), desired: section(json["properties"]?["desired"]), replaces: replaces)
  }

  var isEmpty: Bool { tags == nil && desired == nil }
}

#endif
