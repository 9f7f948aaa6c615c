#if Tools

import Foundation

/// Files of devices (protocol.md 13): what is asked for, and what becomes of it. The bytes go to storage.
extension Hub {
  /// The key that storage's tokens are signed with, base64; made on first use.
  var storageKey: String { get throws { try key(named: "storage") } }

  /// Lets a device put a file into storage. Throws when it has too many on their way, and when a file has not such a name.
  /// Returns the token for it too, a query with its question mark.
  func beginUpload(of name: String, from address: DeviceAddress) throws -> (upload: Upload, token: String) {
    let upload = try Upload(of: name, from: address, expiry: .now + settings.uploadTimeToLive)
    try store.begin(upload)
    events.publish(.upload(.asked, upload), of: address)
    let token = BlobToken(blob: upload.blob, expiry: upload.expiry)
    return (upload, token.query(key: try storageKey) ?? "")
  }

  /// Whether a token for a file of a device is not good any more.
  func hasEnded(_ token: BlobToken, now: Date = .now) -> Bool {
    let ends = [now, expiredUploads[nil], expiredUploads[Blob.device(of: token.blob)]]
    return ends.compactMap(\.self).contains { token.expiry <= $0 }
  }

  /// Takes what a device says of the end of an upload.
  func endUpload(_ correlationId: String, of address: DeviceAddress, _ outcome: Upload.Outcome) throws {
    guard let upload = try store.end(correlationId, of: address) else {
      throw HubError(404, 404_000, "NotFound", "\(address) has no upload of this correlationId.")
    }
    let length = outcome.isSuccess ? try store.blob(upload.blob)?.length : nil
    events.publish(.upload(.ended(outcome, length: length), upload), of: address)
  }
}

#endif
