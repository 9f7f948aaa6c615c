/// Where to connect, when that is not the hub's own name: `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`.
struct Endpoint {
  /// Where MQTT is spoken over TLS, and where HTTPS is, which a WebSocket begins with too.
  static let mqttPort: UInt16 = 8883
  static let httpsPort: UInt16 = 443

  let host: String
  let port: UInt16

  /// Nil when `text` is none. `defaultPort` is the one when it has none.
  init?(_ text: String, defaultPort: UInt16) {
    var host = text[...]
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
    var number = defaultPort
    if let port {
      guard let given = UInt16(port), given > 0, port.utf8.allSatisfy({ 48...57 ~= $0 }) else { return nil }
      number = given
    }
    self.host = String(host)
    self.port = number
  }
}

extension Endpoint {
  /// A port of `host`.
  init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// As one writes it.
  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
