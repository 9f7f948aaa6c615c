#if Tools

private import CMoteHubEmulator

/// A P-256 private key.
package struct PrivateKey: Sendable {
  /// The key as PEM.
  package let pem: [UInt8]

  /// Makes a new one from the system's random bytes; nil when the cryptography fails.
  package init?() {
    var text = [UInt8](repeating: 0, count: 512)
    // Sound: the pointer is used within the call, with the array's own size.
    let code = unsafe text.withUnsafeMutableBufferPointer { unsafe mote_hub_new_key($0.baseAddress, $0.count) }
    guard code == 0 else { return nil }
    pem = Array(text.prefix { $0 != 0 })
  }
}

#endif
