#if Tools

import Foundation
private import MoteCrypto

/// What proves who has signed a text: HMAC-SHA256 with a key in base64.
struct KeyedHash {
  let bytes: [UInt8]

  /// Nil when the key is none.
  init?(of text: String, key: String) {
    var signature = MessageSignature(repeating: 0)
    guard let key = Data(base64Encoded: key), !key.isEmpty, signature.sign(Array(text.utf8).span, key: Array(key).span)
    else { return nil }
    bytes = signature.bytes.indices.map { signature.bytes[$0] }
  }

  /// All bytes are looked at: how long it takes says nothing of them.
  func isEqual(to other: some Collection<UInt8>) -> Bool {
    other.count == bytes.count && zip(bytes, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

#endif
