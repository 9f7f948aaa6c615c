#if Tools

private import CMoteHubEmulator

/// A P-256 private key.
package struct PrivateKey: Sendable {
  /// The key as PEM. A secret.
  package let pem: String

  package init(pem: String) { self.pem = pem }

  /// Makes a new one from the system's random bytes.
  package static func new() throws(CertificateError) -> PrivateKey {
    PrivateKey(pem: try unsafe pemText(capacity: 512) { unsafe mote_hub_new_key($0, $1) })
  }
}

/// What mbedTLS has against a key or a certificate: its code, or its verification flags when it is above 0.
package struct CertificateError: Error, Hashable, Sendable {
  package let code: Int32
}

/// PEM that a function of C writes.
func pemText(
  capacity: Int, _ write: (UnsafeMutablePointer<UInt8>?, Int) -> Int32
) throws(CertificateError) -> String {
  var text = [UInt8](repeating: 0, count: capacity)
  // Sound: the pointer is used within the call, with the array's own size.
  let code = unsafe text.withUnsafeMutableBufferPointer { unsafe write($0.baseAddress, $0.count) }
  guard code >= 0 else { throw CertificateError(code: code) }
  return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
}

#endif
