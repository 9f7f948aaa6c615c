#if Tools

import NIOHTTP1

/// Queries of twins in the service's language, as far as `Query` goes.
extension ServiceAPI {
  func addQuery(to router: inout Router) {
    router.on(.POST, "/devices/query") { request in
      guard let text = try request.json().text("query") else { throw HubError.argumentInvalid("query: it is missing.") }
      let query = try Query(text)
      let most = request.headers.first(name: "x-ms-max-item-count").flatMap { Int($0) } ?? Self.mostDevices
      guard (1...Self.mostDevices).contains(most) else {
        throw HubError.argumentInvalid("x-ms-max-item-count: it is not from 1 to \(Self.mostDevices).")
      }
      // The continuation is the identifier of the last device that was looked at.
      var last = request.headers.first(name: "x-ms-continuation")
      var items: [JSON] = []
      var isComplete = false
      while items.count < most, !isComplete {
        let devices = try hub.store.devices(limit: Self.mostDevices, after: last)
        isComplete = devices.count < Self.mostDevices
        for device in devices {
          if items.count >= most {
            isComplete = false
            break
          }
          items += try twins(of: device, query).filter(query.accepts)
          last = device.address.device
        }
      }
      var response = HTTPResponse.json(.array(items))
      response.headers.add(name: "x-ms-item-type", value: "Twin")
      if !isComplete, let last { response.headers.add(name: "x-ms-continuation", value: last) }
      return response
    }
  }

  private func twins(of device: Identity, _ query: Query) throws -> [JSON] {
    let identities = query.isOfModules ? try hub.store.modules(of: device.address.device) : [device]
    return try identities.map { try json(hub.twin(of: $0.address), of: $0) }
  }
}

#endif
