#if Tools

import NIOCore
package import NIOSSL

/// TLS as the hub's listeners have it.
package enum TLS {
  /// For a server that shows this certificate; its authority's is left out, as clients have it. With `asksForCertificates`
  /// clients may show one: whose it is, and whether it is good, is judged when the client has said who it is.
  package static func context(_ credential: Credential, asksForCertificates: Bool) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(credential.certificate.pem.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(credential.key.pem.utf8), format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    // A client that does not say goodbye is not waited for long.
    configuration.shutdownTimeout = .seconds(1)
    if asksForCertificates { configuration.certificateVerification = .optionalVerification }
    return try NIOSSLContext(configuration: configuration)
  }

  /// A handler that takes any certificate, or none, and keeps the chain.
  static func serverHandler(_ context: NIOSSLContext) -> NIOSSLServerHandler {
    NIOSSLServerHandler(
      context: context,
      customVerificationCallbackWithMetadata: { chain, promise in
        promise.succeed(.certificateVerified(VerificationMetadata(ValidatedCertificateChain(chain))))
      })
  }

  /// Adds TLS to a new connection. `recordSize` bounds the bytes of a record that is written, the handshake's apart.
  static func secure(_ channel: any Channel, _ context: NIOSSLContext, recordSize: Int?) throws {
    try channel.pipeline.syncOperations.addHandler(serverHandler(context))
    if let recordSize { try channel.pipeline.syncOperations.addHandler(RecordSize(bytes: recordSize)) }
  }

  /// What the client has shown in its handshake, or in the one that a resumed session began with.
  static func certificate(of handler: NIOSSLServerHandler) -> DeviceCertificate? {
    let chain = handler.peerValidatedCertificateChain.map(Array.init) ?? handler.peerCertificate.map { [$0] } ?? []
    return DeviceCertificate(chain.compactMap { try? $0.toDERBytes() })
  }
}

#endif
