#if Tools

/// Why a connection is closed that broke a rule: the hub tells its log, and never the device.
struct ProtocolViolation: Error, Hashable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension String {
  /// What a client has sent, for a log: its beginning, in printable ASCII, so that it cannot pass for a line of the hub's.
  var forLog: String {
    let most = 200, start = unicodeScalars.prefix(most)
    let text = start.map { (0x20...0x7E).contains($0.value) ? String($0) : $0.escaped(asASCII: true) }.joined()
    return start.endIndex == endIndex ? text : text + "..."
  }
}

#endif
