import CMoteCommand

/// A certificate in words. What a stranger wrote in it may be anything.
struct Certificate {
  let subject: String
  let issuer: String
  /// The host names that it is for.
  let names: String
  /// Why verification refuses it; empty when it does not.
  let reasons: [String]
  /// In seconds since 1970.
  let validFrom: Int64
  let validTo: Int64
  /// Whether it is one of the trusted roots, and not what the server sent.
  let isTrusted: Bool
  /// Whether verification came by it.
  let isFollowed: Bool

  fileprivate init(_ certificate: mote_command_certificate) {
    // Sound: the texts are copied at once, while their chain lives.
    unsafe subject = String(cString: certificate.subject)
    unsafe issuer = String(cString: certificate.issuer)
    unsafe names = String(cString: certificate.names)
    unsafe reasons = String(cString: certificate.reasons).split(separator: "\n").map(String.init)
    unsafe validFrom = certificate.valid_from
    unsafe validTo = certificate.valid_to
    unsafe isTrusted = certificate.is_trusted != 0
    unsafe isFollowed = certificate.is_followed != 0
  }
}

extension Certificate {
  /// Subject, issuer, dates and names.
  var text: String {
    let signer = subject == issuer ? "signed by itself" : "issued by \(issuer)"
    let dates = "good from \(Clock.text(validFrom)) until \(Clock.text(validTo))"
    return "\(subject), \(signer), \(dates)" + (names.isEmpty ? "" : ", for \(names)")
  }

  /// The common name in the subject, as mbedTLS writes it; nil without one.
  var commonName: String? {
    subject.split(separator: ", ").first { $0.hasPrefix("CN=") }.map { String($0.dropFirst(3)) }
  }
}

/// The certificates of a connection: the server's own first, then those that vouch for it, then what else it sent.
@safe final class CertificateChain {
  private let pointer: OpaquePointer?

  /// Notes the certificates of the server that `credentials` are used with next, also when they are refused.
  init(watching credentials: Credentials) { unsafe pointer = mote_command_chain_watch(credentials.pointer) }

  /// The device's own certificates.
  init(of credentials: Credentials) { unsafe pointer = mote_command_chain_own(credentials.pointer) }

  deinit { unsafe mote_command_chain_free(pointer) }

  /// The certificates noted so far.
  var certificates: [Certificate] {
    var list: [Certificate] = []
    // Sound: what is pointed to is copied while the chain lives.
    while let chain = unsafe pointer, let next = unsafe mote_command_chain_certificate(chain, Int32(list.count)) {
      unsafe list.append(Certificate(next.pointee))
    }
    return list
  }
}
