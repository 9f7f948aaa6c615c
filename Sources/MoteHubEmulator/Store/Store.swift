#if Tools

import Foundation
import GRDB

/// What survives a restart: identities, twins, messages that wait for devices, uploads and blobs, settings. Without a folder
/// it is in memory, but for the bytes of blobs.
///
/// Each call is one transaction, done when it returns: with a folder, SQLite's write-ahead log has it even when the process
/// is killed then. A loss of power may cost the last ones. Used from one thread: the hub's loop.
///
/// Throws `HubError` where the service refuses, and SQLite's error when the file fails.
package final class Store {
  let queue: DatabaseQueue
  /// Where the bytes of blobs are.
  let files: BlockFiles

  /// Opens or makes `hub.sqlite` in a folder, which is made when it is not there, for its owner alone. One process
  /// at a time has the folder: see ``StateFolder/claim()``.
  package init(folder: String? = nil) throws {
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      if folder != nil {
        try database.execute(
          sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
    }
    if let folder {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let file = folder + "/hub.sqlite"
      // It holds the devices' keys. SQLite gives the files beside it the same mode.
      if !FileManager.default.fileExists(atPath: file) {
        _ = FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
      }
      queue = try DatabaseQueue(path: file, configuration: configuration)
    } else {
      queue = try DatabaseQueue(configuration: configuration)
    }
    files = BlockFiles(folder: folder.map { $0 + "/blocks" })
    try Schema.migrator.migrate(queue)
    try forgetOldBlocks()
  }

  /// A setting that an earlier run has left.
  package func setting(_ name: String) throws -> String? {
    try queue.read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) }
  }

  /// Keeps a setting.
  package func set(_ name: String, _ value: String) throws {
    try queue.write { try $0.execute(sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [name, value]) }
  }
}

#endif
