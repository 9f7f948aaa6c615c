#if Tools

import NIOHTTP1

/// Several devices and modules in one request.
extension ServiceAPI {
  /// Most in one request.
  private static let mostOperations = 100

  func addBulkRegistry(to router: inout Router) {
    router.on(.POST, "/devices") { request in
      guard let list = try request.json().array, list.count <= Self.mostOperations else {
        throw HubError.argumentInvalid("The body is an array of at most \(Self.mostOperations) devices.")
      }
      var errors: [JSON] = []
      for item in list {
        do {
          try perform(item)
        } catch let error as HubError {
          errors.append([
            "deviceId": item["id"] ?? .null, "moduleId": item["moduleId"] ?? .null,
            "errorCode": .string(error.name), "errorStatus": .string(error.message),
          ])
        }
      }
      return .json(
        ["isSuccessful": .bool(errors.isEmpty), "errors": .array(errors), "warnings": []],
        status: errors.isEmpty ? .ok : .badRequest)
    }
  }

  private func perform(_ item: JSON) throws {
    guard let device = try item.text("id") else { throw HubError.argumentInvalid("id: it is missing.") }
    let address = DeviceAddress(device: device, module: try item.text("moduleId"))
    guard address.isValid else { throw HubError.argumentInvalid("id: it is no identifier.") }
    let mode = try item.text("importMode") ?? "createOrUpdate", old = try hub.store.identity(address)
    // Where the mode does not say that the ETag has to match, it does not matter.
    let etag = mode.hasSuffix("IfMatchETag") ? try item.text("eTag") : nil
    if mode.hasSuffix("IfMatchETag"), !mode.hasPrefix("updateTwin"), old != nil, etag == nil {
      throw HubError.argumentInvalid("eTag: it is missing.")
    }
    switch mode {
    case "create":
      try hub.create(Identity(item, at: address, replacing: nil))
      try updateTwin(of: address, item, etag: nil)
    case "update", "updateIfMatchETag", "createOrUpdate", "createOrUpdateIfMatchETag":
      if let old {
        _ = try hub.update(Identity(item, at: address, replacing: old), ifMatch: etag)
      } else if mode.hasPrefix("create") {
        try hub.create(Identity(item, at: address, replacing: nil))
      } else {
        throw HubError.notFound(address)
      }
      try updateTwin(of: address, item, etag: nil)
    case "delete", "deleteIfMatchETag": try hub.delete(address, ifMatch: etag)
    case "updateTwin": try updateTwin(of: address, item, etag: nil)
    case "updateTwinIfMatchETag": try updateTwin(of: address, item, etag: try item.text("twinETag") ?? "")
    default: throw HubError.argumentInvalid("importMode: there is none of this name.")
    }
  }

  private func updateTwin(of address: DeviceAddress, _ item: JSON, etag: String?) throws {
    let update = TwinUpdate(item, replaces: false)
    if !update.isEmpty { _ = try hub.update(update, twinOf: address, ifMatch: etag) }
  }
}

#endif
