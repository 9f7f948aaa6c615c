#if Tools

import Foundation
import NIOHTTP1

/// The policy `iothubowner`: who has its key may use all of the service's API.
package struct ServicePolicy: Sendable {
  package static let name = "iothubowner"

  /// Base64.
  package let key: String
  /// The names that a token may be for, in lower case.
  private let hosts: Set<String>

  package init(key: String, hosts: some Sequence<String>) {
    self.key = key
    self.hosts = Set(hosts.map { $0.lowercased() })
  }

  /// Throws 401 when a request's `Authorization` is no token of this policy that is good for the request's path.
  package func authorise(_ request: HTTPRequest) throws {
    let texts = request.headers["Authorization"]
    guard texts.count == 1, let token = SharedAccessSignature(texts[0]) else {
      throw HubError.unauthorised("The header Authorization has no SharedAccessSignature.")
    }
    // Clients that are told a port as part of the host sign it too.
    let host = token.resource.prefix { $0 != "/" }
    guard hosts.contains(OriginCheck.name(in: String(host))), token.covers(host: String(host), path: request.path)
    else {
      throw HubError.unauthorised("The token is for another resource.")
    }
    guard token.policy == Self.name, token.isSigned(with: [key]) else {
      throw HubError.unauthorised("The token is not signed with the key of policy \(Self.name).")
    }
    if token.expiry <= .now { throw HubError.unauthorised("The token has expired.") }
  }
}

#endif
