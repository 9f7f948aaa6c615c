#if Tools

import Foundation
import GRDB

/// A block as it has come: its bytes are in a file.
struct Block: Hashable {
  /// Base64; nil for a blob that came in one piece.
  var id: String?
  var file: String
  /// Bytes.
  var length: Int64
}

/// Blobs and their blocks. A blob is replaced by another one at once, or not at all; files that nothing needs any more are
/// removed.
extension Store {
  /// Most blocks that wait to be a part of a blob.
  private static let mostUncommitted = 100_000
  private static let timeToLive: TimeInterval = 7 * 86_400

  /// Makes a blob of one piece, in place of what there was of this name.
  func put(_ blob: Blob, of block: Block) throws {
    try change(blob.name) { database, number in
      try Self.insert(block, of: number, in: database)
      return try Self.commit(blob, number, [database.lastInsertedRowID], in: database)
    }
  }

  /// Keeps a block for a blob to be, in place of one of the same identifier. Throws when another block's identifier has
  /// another length, and when there are too many.
  func put(_ block: Block, for blob: String, now: Date = .now) throws {
    try change(blob) { database, number in
      // All that there are have the same length as any of them.
      let other = try String.fetchOne(
        database, sql: "SELECT blockId FROM block WHERE blob = ? AND blockId IS NOT NULL LIMIT 1", arguments: [number])
      if let other, other.utf8.count != block.id?.utf8.count {
        throw StorageError(400, "InvalidBlobOrBlock", "The identifiers of a blob's blocks have one length.")
      }
      let replaced = try String.fetchAll(
        database, sql: "DELETE FROM block WHERE blob = ? AND isCommitted = 0 AND blockId = ? RETURNING file",
        arguments: [number, block.id])
      if replaced.isEmpty {
        try database.execute(
          sql: "UPDATE blob SET uncommitted = uncommitted + 1 WHERE id = ? AND uncommitted < ?",
          arguments: [number, Self.mostUncommitted])
        guard database.changesCount > 0 else {
          throw StorageError(409, "BlockCountExceedsLimit", "\(Self.mostUncommitted) blocks wait for this blob.")
        }
      }
      try Self.insert(block, of: number, now: now, in: database)
      return replaced
    }
  }

  /// Makes a blob of blocks, in place of what there was of this name; blocks that are not named are forgotten. Returns it with
  /// its length. Throws when one is not there.
  func commit(_ blob: Blob, of list: BlockList) throws -> Blob {
    var blob = blob
    try change(blob.name) { database, number in
      var known: [Bool: [String: (number: Int64, length: Int64)]] = [:]
      let rows = try Row.fetchCursor(
        database, sql: "SELECT * FROM block WHERE blob = ? AND blockId IS NOT NULL", arguments: [number])
      while let row = try rows.next() {
        known[row["isCommitted"], default: [:]][row["blockId"]] = (row["id"], row["length"])
      }
      var blocks: [Int64] = [], places: [String: BlockList.Entry.Place] = [:]
      blob.length = 0
      for entry in list.entries {
        let found =
          switch entry.place {
          case .latest: known[false]?[entry.id] ?? known[true]?[entry.id]
          case .uncommitted: known[false]?[entry.id]
          case .committed: known[true]?[entry.id]
          }
        guard let found else { throw StorageError.invalidBlockList("A block of the list is not there.") }
        // One may be there twice, but not two of one name.
        if places.updateValue(entry.place, forKey: entry.id).map({ $0 != entry.place }) == true {
          throw StorageError.invalidBlockList("A block that is named twice is looked for in one place.")
        }
        blocks.append(found.number)
        blob.length += found.length
      }
      return try Self.commit(blob, number, blocks, in: database)
    }
    return blob
  }

  /// A blob that is complete.
  package func blob(_ name: String) throws -> Blob? {
    try queue.read {
      try Row.fetchOne($0, sql: "SELECT * FROM blob WHERE name = ? AND blocks IS NOT NULL", arguments: [name])
        .map(Blob.init)
    }
  }

  /// The blobs that are complete, of one device or of all, by their names.
  package func blobs(of device: String?) throws -> [Blob] {
    let start = device.map { $0 + "/" } ?? ""
    return try queue.read {
      try Row.fetchAll(
        $0, sql: "SELECT * FROM blob WHERE blocks IS NOT NULL AND substr(name, 1, length(?1)) = ?1 ORDER BY name",
        arguments: [start]
      ).map(Blob.init)
    }
  }

  /// The files whose bytes are those of a blob, in their order.
  func files(of blob: String) throws -> [String] {
    try queue.read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT file FROM blob, json_each(blob.blocks) AS part JOIN block ON block.id = part.value
          WHERE blob.name = ? ORDER BY part.key
          """, arguments: [blob])
    }
  }

  /// Removes blocks that have waited for a week, and files that a killed hub has left behind.
  func forgetOldBlocks(now: Date = .now) throws {
    let names = try queue.write { database in
      try database.execute(
        sql: "DELETE FROM block WHERE isCommitted = 0 AND arrivalTime <= ?",
        arguments: [(now - Self.timeToLive).timeIntervalSince1970])
      try database.execute(
        sql: """
          DELETE FROM blob WHERE blocks IS NULL AND id NOT IN (SELECT blob FROM block);
          UPDATE blob SET uncommitted = (SELECT count(*) FROM block WHERE blob = blob.id AND isCommitted = 0)
          """)
      return try Set(String.fetchCursor(database, sql: "SELECT file FROM block"))
    }
    files.keep(names)
  }

  /// Changes what there is of one blob, in one transaction; then removes the files that `work` says nobody needs any more.
  private func change(_ blob: String, _ work: (Database, Int64) throws -> [String]) throws {
    let removed = try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO blob (name, length, contentType, etag, lastModified) VALUES (?, 0, '', '', 0)
          ON CONFLICT (name) DO NOTHING
          """, arguments: [blob])
      let number = try Int64.fetchOne(database, sql: "SELECT id FROM blob WHERE name = ?", arguments: [blob]) ?? 0
      return try work(database, number)
    }
    files.remove(removed)
  }

  private static func insert(_ block: Block, of blob: Int64, now: Date = .now, in database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO block (blob, blockId, isCommitted, file, length, arrivalTime) VALUES (?, ?, 0, ?, ?, ?)
        """, arguments: [blob, block.id, block.file, block.length, now.timeIntervalSince1970])
  }

  /// Makes the blob one of these blocks, and returns the files of all others that it had.
  private static func commit(_ blob: Blob, _ number: Int64, _ blocks: [Int64], in database: Database) throws -> [String]
  {
    let list = "[\(blocks.map(String.init).joined(separator: ","))]"
    let files = try String.fetchAll(
      database,
      sql: "DELETE FROM block WHERE blob = ? AND id NOT IN (SELECT value FROM json_each(?)) RETURNING file",
      arguments: [number, list])
    try database.execute(sql: "UPDATE block SET isCommitted = 1 WHERE blob = ?", arguments: [number])
    try database.execute(
      sql:
        "UPDATE blob SET length = ?, contentType = ?, etag = ?, lastModified = ?, blocks = ?, uncommitted = 0 WHERE id = ?",
      arguments: [blob.length, blob.contentType, blob.etag, blob.lastModified.timeIntervalSince1970, list, number])
    return files
  }
}

extension Blob {
  fileprivate init(_ row: Row) {
    self.init(
      name: row["name"], length: row["length"], contentType: row["contentType"],
      now: Date(timeIntervalSince1970: row["lastModified"]))
    etag = row["etag"]
  }
}

#endif
