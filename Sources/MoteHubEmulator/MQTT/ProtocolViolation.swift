#if Tools

/// Why a connection is closed that broke a rule: the hub tells its log, and never the device.
struct ProtocolViolation: Error, Hashable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

#endif
