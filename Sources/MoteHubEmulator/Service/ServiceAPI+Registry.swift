#if Tools

import NIOHTTP1

/// Devices and modules, made, read, changed and removed.
extension ServiceAPI {
  /// Most devices in one answer.
  static let mostDevices = 1_000

  func addRegistry(to router: inout Router) {
    router.on(.GET, "/devices") { request in
      let top = request.query["top"].flatMap { Int($0) } ?? Self.mostDevices
      let limit = (1...Self.mostDevices).contains(top) ? top : Self.mostDevices
      return .json(.array(try hub.store.devices(limit: limit, after: request.query["after"]).map(json)))
    }
    for path in ["/devices/{device}", "/devices/{device}/modules/{module}"] {
      router.on(.GET, path) { request in
        let address = try request.address()
        guard let identity = try hub.store.identity(address) else { throw HubError.notFound(address) }
        return .json(try json(identity), etag: identity.etag)
      }
      router.on(.PUT, path) { try put($0) }
      router.on(.DELETE, path) { request in
        try hub.delete(request.address(), ifMatch: request.ifMatch)
        return HTTPResponse(.noContent)
      }
    }
    router.on(.GET, "/devices/{device}/modules") { request in
      let device = try request.address()
      guard try hub.store.identity(device) != nil else { throw HubError.notFound(device) }
      return .json(.array(try hub.store.modules(of: device.device).map(json)))
    }
    router.on(.GET, "/statistics/devices") { _ in
      let counts = try hub.store.deviceCounts()
      return .json([
        "totalDeviceCount": .integer(Int64(counts.total)), "enabledDeviceCount": .integer(Int64(counts.enabled)),
        "disabledDeviceCount": .integer(Int64(counts.total - counts.enabled)),
      ])
    }
    router.on(.GET, "/statistics/service") { _ in
      .json(["connectedDeviceCount": .integer(Int64(hub.connectedDevices))])
    }
  }

  /// With `If-Match` a change of what there is, without it something new.
  private func put(_ request: HTTPRequest) throws -> HTTPResponse {
    let address = try request.address()
    guard let etag = request.ifMatch else {
      let identity = try Identity(request.json(), at: address, replacing: nil)
      try hub.create(identity)
      return .json(try json(identity), etag: identity.etag)
    }
    guard let old = try hub.store.identity(address) else { throw HubError.notFound(address) }
    let new = try hub.update(Identity(request.json(), at: address, replacing: old), ifMatch: etag)
    return .json(try json(new), etag: new.etag)
  }

  private func json(_ identity: Identity) throws -> JSON {
    identity.json(connection: try ConnectionState(of: identity.address, in: hub))
  }
}

#endif
