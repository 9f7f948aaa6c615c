#if Tools

private import CMoteHubEmulator
package import Foundation

/// A certificate with its private key.
package struct Credential: Sendable {
  package var certificate: Certificate
  package var key: PrivateKey

  package init(certificate: Certificate, key: PrivateKey) {
    self.certificate = certificate
    self.key = key
  }
}

/// A certificate.
package struct Certificate: Hashable, Sendable {
  /// What a certificate is for.
  package enum Purpose: Sendable {
    /// Signs certificates of servers with these names and IP addresses, and is constrained to them.
    case serverAuthority(names: [String])
    /// Signs certificates of devices.
    case deviceAuthority
    /// A server with these names and IP addresses.
    case server(names: [String])
    case device
  }

  /// The certificate as PEM.
  package let pem: String

  package init(pem: String) { self.pem = pem }

  /// Makes a certificate with a new key. Without `issuer` it signs itself.
  package static func new(
    _ purpose: Purpose, subject: String, issuer: Credential? = nil, valid: ClosedRange<Date>
  ) throws(CertificateError) -> Credential {
    let key = try PrivateKey.new()
    let names: [String]
    var request = unsafe mote_hub_certificate()
    switch purpose {
    case .serverAuthority(let served): (unsafe request.purpose, names) = (MOTE_HUB_SERVER_AUTHORITY, served)
    case .deviceAuthority: (unsafe request.purpose, names) = (MOTE_HUB_DEVICE_AUTHORITY, [])
    case .server(let served): (unsafe request.purpose, names) = (MOTE_HUB_SERVER, served)
    case .device: (unsafe request.purpose, names) = (MOTE_HUB_DEVICE, [])
    }
    let texts = [
      subject, names.joined(separator: ","), key.pem, issuer?.certificate.pem ?? "", issuer?.key.pem ?? "",
      digits(valid.lowerBound), digits(valid.upperBound),
    ]
    // Sound: C reads the texts, which are ended by zeros, within this closure, and the closure frees them.
    let pem = try unsafe pemText(capacity: 4_096) { output, capacity in
      let copies = unsafe texts.map { unsafe strdup($0) }
      defer { unsafe copies.forEach { unsafe free($0) } }
      unsafe request.subject = UnsafePointer(copies[0])
      unsafe request.names = UnsafePointer(copies[1])
      unsafe request.key = UnsafePointer(copies[2])
      if issuer != nil {
        unsafe request.issuer = UnsafePointer(copies[3])
        unsafe request.issuer_key = UnsafePointer(copies[4])
      }
      unsafe request.not_before = UnsafePointer(copies[5])
      unsafe request.not_after = UnsafePointer(copies[6])
      return unsafe mote_hub_write_certificate(&request, output, capacity)
    }
    return Credential(certificate: Certificate(pem: pem), key: key)
  }

  /// A time as certificates have it: 20261123083000.
  private static func digits(_ date: Date) -> String {
    String(date.formatted(.iso8601).filter(\.isNumber))
  }
}

#endif
