#if Tools

package import Foundation

/// A SAS token (protocol.md 3): who signs says what may be used, and until when.
package struct SharedAccessSignature: Hashable, Sendable {
  /// How long a token is good after its expiry, since clocks differ.
  package static let clockSkew: TimeInterval = 300

  /// What it is for, as it was sent: the signature is over this text, however it was encoded.
  package let encodedResource: String
  /// What it is for, decoded: `hub/devices/id`.
  package let resource: String
  package let expiry: Date
  /// The policy whose key has signed; nil for a device's own key.
  package let policy: String?
  private let expiryText: String
  private let signature: Data

  /// Reads a token; nil when it is none.
  package init?(_ token: String) {
    let prefix = "SharedAccessSignature "
    guard token.hasPrefix(prefix) else { return nil }
    var fields: [Substring: Substring] = [:]
    for field in token.dropFirst(prefix.count).split(separator: "&", omittingEmptySubsequences: false) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, fields.updateValue(parts[1], forKey: parts[0]) == nil else { return nil }
    }
    guard let encodedResource = fields["sr"], let signature = fields["sig"], let expiry = fields["se"],
      let resource = String(encodedResource).removingPercentEncoding,
      let decoded = String(signature).removingPercentEncoding.flatMap({ Data(base64Encoded: $0) }),
      decoded.count == 32,
      (1...12).contains(expiry.utf8.count), expiry.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let seconds = UInt64(expiry)
    else { return nil }
    self.encodedResource = String(encodedResource)
    self.resource = resource
    self.signature = decoded
    expiryText = String(expiry)
    self.expiry = Date(timeIntervalSince1970: TimeInterval(seconds))
    policy = fields["skn"].flatMap { $0.isEmpty ? nil : String($0).removingPercentEncoding }
  }

  /// Makes a token. `key` is base64; nil when it is not.
  package static func token(
    for resource: String, key: String, expiry: Date, policy: String? = nil
  ) -> String? {
    let unreserved = CharacterSet(charactersIn: "-._~").union(.init(charactersIn: "0"..."9"))
      .union(.init(charactersIn: "A"..."Z")).union(.init(charactersIn: "a"..."z"))
    let seconds = String(UInt64(max(0, expiry.timeIntervalSince1970)))
    guard let encoded = resource.addingPercentEncoding(withAllowedCharacters: unreserved),
      let hash = KeyedHash(of: encoded + "\n" + seconds, key: key),
      let text = Data(hash.bytes).base64EncodedString().addingPercentEncoding(withAllowedCharacters: unreserved)
    else { return nil }
    return "SharedAccessSignature sr=\(encoded)&sig=\(text)&se=\(seconds)" + (policy.map { "&skn=\($0)" } ?? "")
  }

  /// Whether one of the keys (base64) has signed it.
  package func isSigned(with keys: [String]) -> Bool {
    // All of them: how long it takes says nothing of a key.
    keys.reduce(false) { found, key in
      KeyedHash(of: encodedResource + "\n" + expiryText, key: key)?.isEqual(to: signature) == true || found
    }
  }

  /// Whether it is for this resource or for one above it; a host's name has no case.
  package func covers(host: String, path: [String]) -> Bool {
    let parts = resource.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.first?.lowercased() == host.lowercased()
      && parts.dropFirst().elementsEqual(path.prefix(parts.count - 1))
  }

  /// When it stops being good: at its expiry, and for a device whose clock is behind at the end of what skew allows.
  /// Nil when that has been.
  package func end(now: Date) -> Date? {
    if expiry > now { return expiry }
    let last = expiry.addingTimeInterval(Self.clockSkew)
    return last > now ? last : nil
  }
}

#endif
