#if Tools

import Foundation
import NIOHTTP1

/// A refusal as storage words it (protocol.md 13): a name in a header and in XML.
struct StorageError: Error, Hashable {
  let status: Int
  let code: String
  let message: String

  init(_ status: Int, _ code: String, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  static func authenticationFailed(_ message: String) -> StorageError { .init(403, "AuthenticationFailed", message) }
  static func invalidInput(_ message: String) -> StorageError { .init(400, "InvalidInput", message) }
  static func invalidBlockList(_ message: String) -> StorageError { .init(400, "InvalidBlockList", message) }
  static let blobNotFound = StorageError(404, "BlobNotFound", "The specified blob does not exist.")

  /// What storage calls a status that a fault asks for.
  static func fault(status: Int) -> StorageError {
    switch status {
    case 403: .authenticationFailed("A fault: the token is not taken.")
    case 503: .init(status, "ServerBusy", "A fault: the server is busy.")
    default: .init(status, "InternalError", "A fault: the server has an internal error.")
    }
  }
}

extension StorageError: HTTPRefusal {
  var response: HTTPResponse {
    let text =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
    var response = HTTPResponse(
      HTTPResponseStatus(statusCode: status), headers: StorageAPI.headers, body: Array(text.utf8))
    response.headers.add(name: "Content-Type", value: "application/xml")
    response.headers.add(name: "x-ms-error-code", value: code)
    return response
  }
}

#endif
