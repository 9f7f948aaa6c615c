#if Tools

import GRDB

/// The tables of the store. A module's rows have its identifier, a device's own an empty one.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("identities, twins, messages, settings") { database in
      try database.create(table: "identity", options: [.strict, .withoutRowID]) { table in
        table.column("device", .text).notNull()
        table.column("module", .text).notNull()
        table.column("generationId", .text).notNull()
        table.column("etag", .text).notNull()
        table.column("isEnabled", .integer).notNull()
        table.column("statusReason", .text)
        table.column("statusUpdatedTime", .real).notNull()
        table.column("authentication", .text).notNull()
        table.column("primaryCredential", .text)
        table.column("secondaryCredential", .text)
        table.column("isEdge", .integer).notNull()
        table.column("managedBy", .text)
        table.primaryKey(["device", "module"])
      }
      try database.create(table: "twin", options: [.strict, .withoutRowID]) { table in
        table.column("device", .text).notNull()
        table.column("module", .text).notNull()
        for section in ["tags", "desired", "desiredMetadata", "reported", "reportedMetadata"] {
          table.column(section, .text).notNull()
        }
        for version in ["desiredVersion", "reportedVersion", "version", "cloudVersion"] {
          table.column(version, .integer).notNull()
        }
        table.column("modelId", .text)
        table.primaryKey(["device", "module"])
        table.foreignKey(["device", "module"], references: "identity", onDelete: .cascade)
      }
      try database.create(table: "message", options: .strict) { table in
        table.autoIncrementedPrimaryKey("sequenceNumber")
        table.column("device", .text).notNull()
        table.column("module", .text).notNull()
        for property in ["messageId", "correlationId", "userId", "to", "contentType", "contentEncoding"] {
          table.column(property, .text)
        }
        table.column("expiry", .real).notNull().indexed()
        table.column("acknowledgement", .text).notNull()
        table.column("properties", .text).notNull()
        table.column("body", .blob).notNull()
        table.column("enqueuedTime", .real).notNull()
        table.column("deliveryCount", .integer).notNull()
        table.column("lockToken", .text).notNull()
        table.foreignKey(["device", "module"], references: "identity", onDelete: .cascade)
      }
      try database.create(index: "messageByDevice", on: "message", columns: ["device", "module", "sequenceNumber"])
      try database.create(table: "setting", options: [.strict, .withoutRowID]) { table in
        table.primaryKey("name", .text)
        table.column("value", .text).notNull()
      }
    }
    migrator.registerMigration("feedback") { database in
      try database.create(table: "feedback", options: .strict) { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("originalMessageId", .text)
        table.column("device", .text).notNull()
        table.column("generationId", .text).notNull()
        table.column("outcome", .text).notNull()
        table.column("enqueuedTime", .real).notNull().indexed()
      }
    }
    migrator.registerMigration("uploads, blobs") { database in
      try database.create(table: "upload", options: [.strict, .withoutRowID]) { table in
        table.primaryKey("correlationId", .text)
        table.column("device", .text).notNull().indexed()
        table.column("module", .text).notNull()
        table.column("blob", .text).notNull()
        table.column("expiry", .real).notNull()
        table.foreignKey(["device", "module"], references: "identity", onDelete: .cascade)
      }
      // What there is of a blob before it is complete has no `blocks`; else they are a JSON array of blocks' numbers. How many
      // blocks are none of it is counted: there may be tens of thousands.
      try database.create(table: "blob", options: .strict) { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("name", .text).notNull().unique()
        table.column("length", .integer).notNull()
        table.column("contentType", .text).notNull()
        table.column("etag", .text).notNull()
        table.column("lastModified", .real).notNull()
        table.column("blocks", .text)
        table.column("uncommitted", .integer).notNull().defaults(to: 0)
      }
      // A blob that came in one piece has one block, without an identifier.
      try database.create(table: "block", options: .strict) { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("blob", .integer).notNull().references("blob", onDelete: .cascade)
        table.column("blockId", .text)
        table.column("isCommitted", .integer).notNull()
        table.column("file", .text).notNull()
        table.column("length", .integer).notNull()
        table.column("arrivalTime", .real).notNull()
        table.uniqueKey(["blob", "isCommitted", "blockId"])
      }
    }
    return migrator
  }
}

#endif
