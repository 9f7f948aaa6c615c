#if Tools

import NIOHTTP1

/// Files: a device asks where it may put one, and tells how that has ended (protocol.md 13).
extension DeviceAPI {
  func beginUpload(_ request: HTTPRequest, from address: DeviceAddress) throws -> HTTPResponse {
    guard let name = try request.json().text("blobName") else {
      throw HubError.argumentInvalid("There is no blobName.")
    }
    let (upload, token) = try hub.beginUpload(of: name, from: address)
    return .json([
      "correlationId": .string(upload.correlationId), "hostName": .string(request.storageHost),
      "containerName": .string(Upload.container), "blobName": .string(upload.blob), "sasToken": .string(token),
    ])
  }

  /// The upload's identifier is in the path, or in the body.
  func endUpload(_ request: HTTPRequest, of address: DeviceAddress) throws -> HTTPResponse {
    let json = try request.json()
    guard json.object != nil, let correlationId = try request.parameters["correlation"] ?? json.text("correlationId")
    else { throw HubError.argumentInvalid("There is no correlationId.") }
    guard let isSuccess = try json.flag("isSuccess") else { throw HubError.argumentInvalid("There is no isSuccess.") }
    let outcome = Upload.Outcome(
      isSuccess: isSuccess, status: try json.integer("statusCode", in: Int64(Int32.min)...Int64(Int32.max)),
      description: try json.text("statusDescription"))
    try hub.endUpload(correlationId, of: address, outcome)
    return HTTPResponse(.noContent)
  }
}

extension HTTPRequest {
  /// Storage is where the hub is: its name as the client has it, with the port that the client has, or the hub's own.
  fileprivate var storageHost: String {
    let host = headers["Host"].first ?? "", name = OriginCheck.name(in: host)
    let text = name.contains(":") ? "[\(name)]" : name
    let given = Int(host.dropFirst(text.utf8.count).drop { $0 == ":" })
    return switch given ?? port {
    case nil, 443: text
    case let port?: "\(text):\(port)"
    }
  }
}

#endif
