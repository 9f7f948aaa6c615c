#if Tools

import Foundation
import Logging
import NIOHTTP1

/// What devices use over HTTPS (protocol.md 12 and 13): messages to the cloud, one by one and batched, messages from it, which
/// they poll for, and files, for which they ask. Each request proves whose it is.
package struct DeviceAPI {
  let hub: Hub
  let locks: DeviceLocks

  package init(_ hub: Hub) {
    self.hub = hub
    locks = DeviceLocks(hub)
  }

  package func addRoutes(to router: inout Router) {
    for path in ["/devices/{device}", "/devices/{device}/modules/{module}"] {
      on(.POST, path + "/messages/events", &router, receive)
    }
    let path = "/devices/{device}/messages/deviceBound"
    on(.GET, path, &router, next)
    on(.DELETE, path + "/{token}", &router, settle)
    on(.POST, path + "/{token}/abandon", &router, abandon)
    on(.POST, "/devices/{device}/files", &router, beginUpload)
    on(.POST, "/devices/{device}/files/notifications", &router, endUpload)
    on(.POST, "/devices/{device}/files/notifications/{correlation}", &router, endUpload)
  }

  /// A route for the identity that its path names, once that has proved itself.
  private func on(
    _ method: HTTPMethod, _ path: String, _ router: inout Router,
    _ respond: @escaping (HTTPRequest, DeviceAddress) throws -> HTTPResponse
  ) {
    router.on(method, path, .everybody) { request in
      let address = try request.address()
      do {
        try authenticate(request, as: address)
        if hub.faults.take(address, .throttle) { throw HubError.throttled }
        return try respond(request, address)
      } catch let error as HubError where error.status == 429 {
        var response = HTTPResponse.error(error)
        response.headers.add(name: "Retry-After", value: "1")
        return response
      }
    }
  }

  private func authenticate(_ request: HTTPRequest, as address: DeviceAddress) throws {
    if request.query["api-version"]?.isEmpty != false { throw HubError.argumentInvalid("There is no api-version.") }
    guard let host = request.headers["Host"].first.map(OriginCheck.name) else {
      throw HubError.argumentInvalid("There is no header Host.")
    }
    guard let identity = try hub.store.identity(address) else { throw HubError.notFound(address) }
    let texts = request.headers["Authorization"]
    if texts.count > 1 { throw HubError.argumentInvalid("There is one header Authorization at most.") }
    do {
      _ = try hub.authenticate(
        DeviceCredentials(token: texts.first, certificate: request.certificate), as: address, host: host)
    } catch let refusal as Refusal {
      hub.log.info("refused", metadata: ["device": "\(address)", "reason": "\(refusal.reason)"])
      if !identity.isEnabled { throw HubError(403, 403_012, "DeviceDisabled", "\(address) is disabled.") }
      throw HubError.unauthorised("\(address) is not let in: \(refusal.reason).")
    }
  }
}

#endif
