#if Tools

import NIOHTTP1

/// Files that devices have put into storage.
extension ServiceAPI {
  func addFiles(to router: inout Router) {
    router.on(.GET, "/emulator/files") { request in
      .json(.array(try hub.store.blobs(of: request.query["device"]).map(\.json)))
    }
    router.on(.GET, "/emulator/devices/{device}/files/{name...}") { request in
      let address = try request.address(), name = request.parameters["name"] ?? ""
      guard let blob = try hub.store.blob("\(address.device)/\(name)") else {
        throw HubError(404, 404_000, "NotFound", "\(address) has put no file of this name into storage.")
      }
      // Not as what the device says that it is: a browser that opens it runs nothing in this hub's name.
      return try BlobDownload.answer(blob, from: hub, headers: ["Content-Type": "application/octet-stream"])
    }
  }
}

extension Blob {
  fileprivate var json: JSON {
    [
      "device": .string(device), "name": .string(ownName), "bytes": .integer(length),
      "contentType": .string(contentType), "lastModified": .string(Timestamp.text(lastModified)),
    ]
  }
}

#endif
