#if Tools

import Foundation
import NIOHTTP1

extension Page {
  /// Adds the page's files, which everybody may read.
  static func addRoutes(to router: inout Router) {
    for file in files {
      let headers = HTTPHeaders([("Content-Type", file.contentType)] + headers.map { ($0.name, $0.value) })
      router.on(.GET, file.path, .everybody) { _ in HTTPResponse(.ok, headers: headers, body: file.bytes) }
    }
  }
}

extension Emulator {
  /// Where the web page is, with a key that is good for 30 days.
  package func pageAddress() async throws -> String {
    let host = options.hostName, expiry = Date(timeIntervalSinceNow: 30 * 86_400)
    let token = try await withHub {
      SharedAccessSignature.token(for: host, key: try $0.serviceKey, expiry: expiry, policy: ServicePolicy.name)
    }
    return Page.address(host: "127.0.0.1", port: ports.web, token: token ?? "")
  }
}

#endif
