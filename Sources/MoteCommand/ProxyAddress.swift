import Glibc
import MoteProxy

/// A proxy as one writes it: `http://user:password@host:port`, `socks5://…` or `socks5h://…`, in all of which the proxy looks the
/// hub's name up. User and password are percent-encoded.
struct ProxyAddress {
  let kind: Proxy.Kind
  let endpoint: Endpoint
  let user: [UInt8]
  let password: [UInt8]

  /// Nil when `text` is none.
  init?(_ text: String) {
    guard let mark = text.range(of: "://") else { return nil }
    switch text[..<mark.lowerBound].lowercased() {
    case "http": kind = .http
    case "socks5", "socks5h": kind = .socks5
    default: return nil
    }
    var rest = text[mark.upperBound...]
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    var user: [UInt8] = []
    var password: [UInt8] = []
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = ProxyAddress.decoded(parts[0]), !name.isEmpty,
        let secret = parts.count == 2 ? ProxyAddress.decoded(parts[1]) : []
      else { return nil }
      (user, password) = (name, secret)
      rest = rest[rest.index(after: at)...]
    }
    guard let endpoint = Endpoint(String(rest), defaultPort: kind == .http ? 8_080 : 1_080) else { return nil }
    self.endpoint = endpoint
    self.user = user
    self.password = password
  }

  private static func decoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  /// As one may show it.
  var text: String { "\(kind == .http ? "http" : "socks5")://\(endpoint.text)" }
}

extension ProxyAddress {
  /// What the environment says of the way to `host`: `https_proxy` in either case, unless `no_proxy` has the host, a domain that
  /// it is in, or `*`.
  static func environment(for host: String) -> String? {
    func variable(_ name: String) -> String? {
      for name in [name, name.uppercased()] {
        // Sound: the value is copied before anything else can change it.
        if let value = unsafe getenv(name) {
          let text = unsafe String(cString: value)
          if !text.isEmpty { return text }
        }
      }
      return nil
    }
    guard let proxy = variable("https_proxy") else { return nil }
    let name = host.lowercased()
    for entry in (variable("no_proxy") ?? "").split(whereSeparator: { $0 == "," || $0 == " " }) {
      let domain = entry.drop { $0 == "." }.lowercased()
      if domain == "*" || name == domain || name.hasSuffix("." + domain) { return nil }
    }
    return proxy
  }
}

extension String {
  /// Where `text` stands first.
  fileprivate func range(of text: String) -> (lowerBound: Index, upperBound: Index)? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return (start, index(start, offsetBy: text.count)) }
      start = index(after: start)
    }
    return nil
  }
}
