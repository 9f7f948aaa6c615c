#if Tools

import Foundation

/// What a device has for one blob: a query that says what may be done with it and until when, signed as storage signs what is
/// called a service SAS (protocol.md 13).
struct BlobToken {
  /// The version of storage whose rules hold.
  static let version = "2018-03-28"

  let blob: String
  /// `r` and `w`: reading and writing.
  let permissions: String
  let expiry: Date
  private let expiryText: String

  init(blob: String, permissions: String = "rw", expiry: Date) {
    self.blob = blob
    self.permissions = permissions
    self.expiry = expiry
    expiryText = Timestamp.text(expiry, digits: 3)
  }

  /// Reads the token in a request's query. Throws when it is none, is not signed with the key, or is for another blob.
  init(_ query: [String: String], blob: String, key: String) throws(StorageError) {
    guard query["sv"] == Self.version, query["sr"] == "b", let permissions = query["sp"], let expiryText = query["se"],
      let expiry = Timestamp.date(expiryText), let signature = query["sig"].flatMap({ Data(base64Encoded: $0) })
    else { throw .authenticationFailed("The query has no SAS token of a blob.") }
    self.blob = blob
    self.permissions = permissions
    self.expiry = expiry
    self.expiryText = expiryText
    guard hash(key: key)?.isEqual(to: signature) == true else {
      throw .authenticationFailed("The signature does not match: the token is for another blob, or was changed.")
    }
  }

  /// The token with its question mark, percent-encoded. `key` is base64; nil when it is not.
  func query(key: String) -> String? {
    guard let hash = hash(key: key) else { return nil }
    let signature = PropertyBag.encoded(Data(hash.bytes).base64EncodedString())
    return "?sv=\(Self.version)&sr=b&sig=\(signature)&se=\(PropertyBag.encoded(expiryText))&sp=\(permissions)"
  }

  /// Thirteen lines, of which the empty ones are what such a token does not say.
  private func hash(key: String) -> KeyedHash? {
    let lines = [permissions, "", expiryText, "/blob/mote/\(Upload.container)/\(blob)", "", "", "", Self.version]
    return KeyedHash(of: (lines + Array(repeating: "", count: 5)).joined(separator: "\n"), key: key)
  }
}

#endif
