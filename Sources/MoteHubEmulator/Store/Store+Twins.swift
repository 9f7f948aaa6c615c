#if Tools

import GRDB

extension Store {
  package func twin(of address: DeviceAddress) throws -> Twin {
    try queue.read { try TwinRow.find(address, in: $0).twin }
  }

  /// Reads a twin, lets `change` change it, and writes it; nothing is written when that throws. With an ETag that is not
  /// `*`, only when the twin has it.
  package func changeTwin<Result>(
    of address: DeviceAddress, ifMatch etag: String? = nil, _ change: (inout Twin) throws -> Result
  ) throws -> Result {
    try queue.write { database in
      var row = try TwinRow.find(address, in: database)
      if let etag, etag != "*", etag != row.twin.etag { throw HubError.preconditionFailed }
      let result = try change(&row.twin)
      try row.update(database)
      return result
    }
  }
}

/// A twin in its table.
struct TwinRow: FetchableRecord, PersistableRecord {
  static var databaseTableName: String { "twin" }

  let address: DeviceAddress
  var twin: Twin

  init(address: DeviceAddress, twin: Twin) {
    self.address = address
    self.twin = twin
  }

  static func find(_ address: DeviceAddress, in database: Database) throws -> TwinRow {
    guard let row = try fetchOne(database, key: address.key) else { throw HubError.notFound(address) }
    return row
  }

  init(row: Row) throws {
    func object(_ column: String) throws -> JSON.Object {
      try JSON.parse((row[column] as String).utf8).object ?? [:]
    }
    address = DeviceAddress(row: row)
    twin = Twin()
    twin.tags = try object("tags")
    twin.desired = Twin.Section(
      properties: try object("desired"), version: row["desiredVersion"], metadata: try object("desiredMetadata"))
    twin.reported = Twin.Section(
      properties: try object("reported"), version: row["reportedVersion"], metadata: try object("reportedMetadata"))
    twin.version = row["version"]
    twin.cloudVersion = row["cloudVersion"]
    twin.modelId = row["modelId"]
  }

  func encode(to container: inout PersistenceContainer) {
    container["device"] = address.device
    container["module"] = address.module ?? ""
    container["tags"] = JSON.object(twin.tags).text
    container["desired"] = JSON.object(twin.desired.properties).text
    container["desiredVersion"] = twin.desired.version
    container["desiredMetadata"] = JSON.object(twin.desired.metadata).text
    container["reported"] = JSON.object(twin.reported.properties).text
    container["reportedVersion"] = twin.reported.version
    container["reportedMetadata"] = JSON.object(twin.reported.metadata).text
    container["version"] = twin.version
    container["cloudVersion"] = twin.cloudVersion
    container["modelId"] = twin.modelId
  }
}

#endif
