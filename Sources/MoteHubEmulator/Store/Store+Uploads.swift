#if Tools

import Foundation
import GRDB

/// Uploads that devices have asked for and have not told the end of.
extension Store {
  /// One whose end was never told is forgotten so long after its token has ended.
  private static let patience: TimeInterval = 86_400

  /// Refuses one that is too many for its device.
  func begin(_ upload: Upload, now: Date = .now) throws {
    try queue.write { database in
      try database.execute(
        sql: "DELETE FROM upload WHERE expiry <= ?", arguments: [(now - Self.patience).timeIntervalSince1970])
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM upload WHERE device = ? AND module = ? AND expiry > ?",
        arguments: [upload.address.device, upload.address.module ?? "", now.timeIntervalSince1970])
      if count ?? 0 >= Upload.mostActive { throw HubError.tooManyUploads(upload.address) }
      try database.execute(
        sql: "INSERT INTO upload (correlationId, device, module, blob, expiry) VALUES (?, ?, ?, ?, ?)",
        arguments: [
          upload.correlationId, upload.address.device, upload.address.module ?? "", upload.blob,
          upload.expiry.timeIntervalSince1970,
        ])
    }
  }

  /// Forgets an upload of a device, and returns what it was; nil when there is none.
  func end(_ correlationId: String, of address: DeviceAddress) throws -> Upload? {
    try queue.write { database in
      try Row.fetchOne(
        database, sql: "DELETE FROM upload WHERE correlationId = ? AND device = ? AND module = ? RETURNING *",
        arguments: [correlationId, address.device, address.module ?? ""]
      ).map { row in
        Upload(
          correlationId: row["correlationId"], address: DeviceAddress(row: row), blob: row["blob"],
          expiry: Date(timeIntervalSince1970: row["expiry"]))
      }
    }
  }
}

#endif
