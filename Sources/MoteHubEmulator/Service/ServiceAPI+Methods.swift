#if Tools

import Foundation
import NIOCore
import NIOHTTP1

/// Direct methods (protocol.md 8).
extension ServiceAPI {
  func addMethods(to router: inout Router) {
    for path in ["/twins/{device}/methods", "/twins/{device}/modules/{module}/methods"] {
      router.on(.POST, path) { request in
        let address = try request.address(), json = try request.json()
        guard let name = try json.text("methodName") else {
          throw HubError.argumentInvalid("methodName: it is missing.")
        }
        let answer = hub.invoke(
          name, payload: json["payload"],
          connectTimeout: TimeInterval(try json.integer("connectTimeoutInSeconds", in: 0...300) ?? 0),
          responseTimeout: TimeInterval(try json.integer("responseTimeoutInSeconds", in: 5...300) ?? 30), on: address)
        return Answer.later(
          answer.map { .json(["status": .integer(Int64($0.status)), "payload": $0.payload ?? .null]) })
      }
    }
  }
}

#endif
