#if Tools

private import CMoteHubEmulator

/// The certificates that a server showed in its handshake, its own first; DER.
package struct ServerCertificate: Sendable {
  package let chain: [[UInt8]]

  package init(_ chain: [[UInt8]]) { self.chain = chain }

  /// Throws when none of the authorities (PEM) vouches for it as the certificate of this name or address.
  package func verify(as name: String, with authorities: [Certificate]) throws(CertificateError) {
    let chain = Array(chain.joined()), trusted = authorities.map(\.pem).joined(separator: "\n")
    // Sound: the pointer is used within the call, with the array's own size; C ends Swift's texts with a zero.
    let code = unsafe chain.withUnsafeBufferPointer { unsafe mote_hub_verify($0.baseAddress, $0.count, trusted, name) }
    guard code == 0 else { throw CertificateError(code: code) }
  }
}

#endif
