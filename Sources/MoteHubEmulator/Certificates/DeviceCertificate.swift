#if Tools

private import CMoteHubEmulator

/// The certificates that a device showed in its handshake, its own first; DER. That it has the private key of the first
/// is what the handshake has proved.
package struct DeviceCertificate: Hashable, Sendable {
  package let own: [UInt8]
  package let intermediates: [[UInt8]]

  package init?(_ chain: [[UInt8]]) {
    guard let first = chain.first else { return nil }
    own = first
    intermediates = Array(chain.dropFirst())
  }

  /// The common name of its subject; nil when it has none, or is no certificate.
  package var commonName: String? {
    var name = [UInt8](repeating: 0, count: 257)
    // Sound: the pointers are used within the call, with their arrays' own sizes.
    let length = unsafe own.withUnsafeBufferPointer { own in
      unsafe name.withUnsafeMutableBufferPointer { name in
        unsafe mote_hub_common_name(own.baseAddress, own.count, name.baseAddress, name.count)
      }
    }
    return length >= 0 ? String(validating: name.prefix(Int(length)), as: UTF8.self) : nil
  }

  /// Whether its SHA-1 or SHA-256 thumbprint is the one given, in hexadecimal digits of either case.
  package func hasThumbprint(_ thumbprint: String) -> Bool {
    let hash = thumbprint.utf8.count == 40 ? unsafe hash(20, mote_hub_sha1) : unsafe hash(32, mote_hub_sha256)
    return thumbprint.lowercased() == hash.map { $0.map(hexadecimal).joined() }
  }

  /// The SHA-256 thumbprint, in lower case.
  package var thumbprint: String? { unsafe hash(32, mote_hub_sha256)?.map(hexadecimal).joined() }

  /// Throws when none of the authorities vouches for it; `authorities` is PEM.
  package func verify(with authorities: [Certificate]) throws(CertificateError) {
    let chain = own + intermediates.joined()
    let trusted = authorities.map(\.pem).joined(separator: "\n")
    // Sound: the pointer is used within the call, with the array's own size; C ends Swift's text with a zero.
    let code = unsafe chain.withUnsafeBufferPointer { unsafe mote_hub_verify($0.baseAddress, $0.count, trusted, nil) }
    guard code == 0 else { throw CertificateError(code: code) }
  }

  private func hash(
    _ count: Int, _ function: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?) -> Int32
  ) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: count)
    // Sound: the pointers are used within the call, and the function writes `count` bytes.
    let code = unsafe own.withUnsafeBufferPointer { own in
      unsafe hash.withUnsafeMutableBufferPointer { unsafe function(own.baseAddress, own.count, $0.baseAddress) }
    }
    return code == 0 ? hash : nil
  }
}

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

#endif
