#if Tools

package import Foundation

/// What storage knows of a blob besides its bytes, which are those of its blocks in their order.
package struct Blob: Hashable, Sendable {
  /// The device's identifier, a slash, and what the device has called it.
  package var name: String
  /// Bytes.
  package var length: Int64
  package var contentType: String
  package var etag: String
  package var lastModified: Date

  package init(name: String, length: Int64, contentType: String?, now: Date = .now) {
    self.name = name
    self.length = length
    self.contentType = contentType ?? "application/octet-stream"
    etag = "0x" + String(UInt64.random(in: 1 << 60...UInt64.max), radix: 16, uppercase: true)
    lastModified = now
  }

  /// Whose a blob of this name is.
  static func device(of name: String) -> String { String(name.prefix { $0 != "/" }) }

  package var device: String { Self.device(of: name) }
  /// What the device calls it.
  package var ownName: String { String(name.dropFirst(device.count + 1)) }
}

#endif
