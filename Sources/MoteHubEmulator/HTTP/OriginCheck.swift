#if Tools

import NIOHTTP1

/// Keeps web pages of others out. A page whose name was bound to this machine's address (DNS rebinding) sends a foreign `Host`;
/// one that sends requests across origins (CSRF) sends a foreign `Origin`.
struct OriginCheck {
  /// The names that are served, in lower case.
  let names: Set<String>
  let isSecure: Bool

  /// Throws 421 for a foreign host and 403 for a foreign origin.
  func check(_ headers: HTTPHeaders) throws(HubError) {
    let hosts = headers["Host"]
    guard hosts.count == 1, let host = hosts.first else {
      throw .argumentInvalid("There is one header Host in a request.")
    }
    guard names.contains(Self.name(in: host)) else {
      throw HubError(421, 421_000, "MisdirectedRequest", "This hub has another name than the one in the header Host.")
    }
    for origin in headers["Origin"] where origin.lowercased() != "http\(isSecure ? "s" : "")://\(host.lowercased())" {
      throw HubError(403, 403_000, "ForeignOrigin", "A page from another origin may not use this hub.")
    }
  }

  /// `[::1]:80` → `::1`; `Localhost:80` → `localhost`.
  static func name(in host: String) -> String {
    if host.hasPrefix("[") { return host.dropFirst().prefix { $0 != "]" }.lowercased() }
    return host.prefix { $0 != ":" }.lowercased()
  }
}

#endif
