#if Tools

package import Foundation

/// What the registry knows of a device or a module.
package struct Identity: Hashable, Sendable {
  package var address: DeviceAddress
  /// Told apart by it: two identities that had the same address one after the other.
  package var generationId: String
  /// Changes with each update, for conditional ones; without quotation marks.
  package var etag: String
  /// A disabled one cannot connect.
  package var isEnabled: Bool
  /// Why it is disabled, in its owner's words.
  package var statusReason: String?
  package var statusUpdatedTime: Date
  package var authentication: Authentication
  /// Whether the device is a gateway, as the registry's `capabilities.iotEdge` has it. Nothing depends on it here.
  package var isEdge: Bool
  /// A module's owner, as its creator named it.
  package var managedBy: String?

  package init(
    address: DeviceAddress, authentication: Authentication, isEnabled: Bool = true, statusReason: String? = nil,
    now: Date = .now
  ) {
    self.address = address
    self.authentication = authentication
    self.isEnabled = isEnabled
    self.statusReason = statusReason
    generationId = String(Int64(now.timeIntervalSince1970 * 10_000_000) + 621_355_968_000_000_000)
    etag = Identity.newETag()
    statusUpdatedTime = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
    isEdge = false
  }

  /// An ETag that no identity has had.
  package static func newETag() -> String {
    Data((0..<9).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
  }
}

/// How a device proves who it is.
package enum Authentication: Hashable, Sendable {
  /// Two keys, either of which signs tokens; base64 of 16 to 64 bytes each.
  case symmetricKey(primary: String, secondary: String)
  /// A certificate with one of two SHA-1 or SHA-256 thumbprints, in hexadecimal digits; an absent one is nil.
  case selfSigned(primaryThumbprint: String?, secondaryThumbprint: String?)
  /// A certificate that the hub's authority vouches for, whose common name is the device's identifier.
  case certificateAuthority

  /// Two new keys of 32 bytes from the system's random bytes.
  package static func newKeys() -> Authentication { .symmetricKey(primary: newKey(), secondary: newKey()) }

  /// A new key of 32 random bytes, in base64.
  package static func newKey() -> String {
    var generator = SystemRandomNumberGenerator()
    return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64EncodedString()
  }

  /// Whether its keys or thumbprints have the form that the registry takes.
  package var isValid: Bool {
    switch self {
    case .symmetricKey(let primary, let secondary): Self.isKey(primary) && Self.isKey(secondary)
    case .selfSigned(nil, nil): false
    case .selfSigned(let primary, let secondary):
      primary.map(Self.isThumbprint) != false && secondary.map(Self.isThumbprint) != false
    case .certificateAuthority: true
    }
  }

  private static func isKey(_ text: String) -> Bool {
    Data(base64Encoded: text).map { (16...64).contains($0.count) } ?? false
  }

  private static func isThumbprint(_ text: String) -> Bool {
    (text.utf8.count == 40 || text.utf8.count == 64) && text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
  }
}

#endif
