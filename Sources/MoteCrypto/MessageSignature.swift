// MoteCrypto: the cryptography that the client needs besides TLS, over mbedTLS.

private import CMoteCrypto

/// An HMAC-SHA256 (RFC 2104, FIPS 180-4).
public struct MessageSignature {
  public var bytes: InlineArray<32, UInt8>

  /// Room for one, until it is signed.
  public init(repeating byte: UInt8) { bytes = .init(repeating: byte) }

  /// Becomes the signature of `data` with `key`. False when the cryptography fails.
  @inline(__always) public mutating func sign(_ data: Span<UInt8>, key: Span<UInt8>) -> Bool {
    var signature = bytes.mutableSpan
    // Sound: each pointer is used within the call, with the length of the span that it comes from.
    return unsafe data.withUnsafeBufferPointer { data in
      unsafe key.withUnsafeBufferPointer { key in
        unsafe signature.withUnsafeMutableBufferPointer { signature in
          unsafe mote_hmac_sha256(key.baseAddress, key.count, data.baseAddress, data.count, signature.baseAddress) == 0
        }
      }
    }
  }
}

/// Overwrites a secret in a way that no optimiser removes.
public func wipe(_ secret: inout MutableSpan<UInt8>) {
  // Sound: the pointer is used within the call, with the span's own length.
  unsafe secret.withUnsafeMutableBufferPointer { unsafe mote_wipe($0.baseAddress, $0.count) }
}
