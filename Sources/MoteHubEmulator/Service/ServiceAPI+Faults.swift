#if Tools

import NIOHTTP1

/// Faults on demand.
extension ServiceAPI {
  func addFaults(to router: inout Router) {
    router.on(.GET, "/emulator/faults") { _ in .json(.array(hub.faults.list.map(\.json))) }
    router.on(.POST, "/emulator/faults") { request in
      .json(try hub.cause(Fault(request.json())).json, status: .created)
    }
    router.on(.DELETE, "/emulator/faults") { _ in
      hub.faults.removeAll()
      return HTTPResponse(.noContent)
    }
    router.on(.DELETE, "/emulator/faults/{fault}") { request in
      guard let id = Int(request.parameters["fault"] ?? ""), hub.faults.remove(id) else {
        throw HubError(404, 404_000, "NotFound", "There is no such fault.")
      }
      return HTTPResponse(.noContent)
    }
  }
}

#endif
