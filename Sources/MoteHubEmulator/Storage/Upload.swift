#if Tools

package import Foundation

/// A file that a device has asked to put into storage, and has not told the end of (protocol.md 13).
package struct Upload: Hashable, Sendable {
  /// The one place where devices' files are.
  package static let container = "uploads"
  /// Most of one device at a time.
  package static let mostActive = 10

  package var correlationId: String
  package var address: DeviceAddress
  /// The blob's name: the device's identifier, a slash, and what the device has called it.
  package var blob: String
  /// When the token ends that the device has for it. It is active until then at most.
  package var expiry: Date

  /// Throws when a blob may not have this name.
  init(of name: String, from address: DeviceAddress, expiry: Date, now: Date = .now) throws(HubError) {
    blob = "\(address.device)/\(name)"
    guard !name.isEmpty, blob.count <= 1_024,
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
      throw .argumentInvalid("blobName: it has a character at least, 1,024 with the device's, and none of control.")
    }
    self.address = address
    self.expiry = expiry
    // As long as the service's, for those who have to keep it.
    let text = "\(Timestamp.text(now))_\(UUID().uuidString.lowercased())_\(blob)_ver2.0"
    correlationId = Data(text.utf8).base64EncodedString()
  }

  init(correlationId: String, address: DeviceAddress, blob: String, expiry: Date) {
    self.correlationId = correlationId
    self.address = address
    self.blob = blob
    self.expiry = expiry
  }

  /// What a device says of the end.
  package struct Outcome: Hashable, Sendable {
    package var isSuccess: Bool
    package var status: Int64?
    package var description: String?
  }
}

#endif
