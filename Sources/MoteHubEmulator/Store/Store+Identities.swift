#if Tools

package import Foundation
package import GRDB

extension Store {
  package func identity(_ address: DeviceAddress) throws -> Identity? {
    try queue.read { try Identity.fetchOne($0, key: address.key) }
  }

  /// Registers a device or a module, with an empty twin.
  package func create(_ identity: Identity, now: Date = .now) throws {
    let address = identity.address
    try queue.write { database in
      if address.module != nil, try !Identity.exists(database, key: DeviceAddress(device: address.device).key) {
        throw HubError.notFound(DeviceAddress(device: address.device))
      }
      if try Identity.exists(database, key: address.key) { throw HubError.alreadyExists(address) }
      try identity.insert(database)
      try TwinRow(address: address, twin: Twin(now: now)).insert(database)
    }
  }

  /// Replaces what is known of an identity, its address and generation apart, when its ETag is `etag`, or in any case
  /// without one or with `*`. Returns it with its new ETag.
  package func update(_ identity: Identity, ifMatch etag: String?, now: Date = .now) throws -> Identity {
    try queue.write { database in
      let old = try Self.matching(identity.address, etag, in: database)
      var new = identity
      new.generationId = old.generationId
      new.etag = Identity.newETag()
      let isChanged = (old.isEnabled, old.statusReason) != (new.isEnabled, new.statusReason)
      new.statusUpdatedTime = isChanged ? now : old.statusUpdatedTime
      try new.update(database)
      return new
    }
  }

  /// Removes an identity with its twin and messages, and a device's modules with theirs.
  package func delete(_ address: DeviceAddress, ifMatch etag: String? = nil) throws {
    try queue.write { database in
      _ = try Self.matching(address, etag, in: database)
      if address.module == nil {
        try database.execute(sql: "DELETE FROM identity WHERE device = ?", arguments: [address.device])
      } else {
        try Identity.deleteOne(database, key: address.key)
      }
    }
  }

  /// The devices in the order of their identifiers, those after `last`.
  package func devices(limit: Int = .max, after last: String? = nil) throws -> [Identity] {
    try queue.read {
      try Identity.fetchAll(
        $0, sql: "SELECT * FROM identity WHERE module = '' AND device > ? ORDER BY device LIMIT ?",
        arguments: [last ?? "", limit])
    }
  }

  package func modules(of device: String) throws -> [Identity] {
    try queue.read {
      try Identity.fetchAll(
        $0, sql: "SELECT * FROM identity WHERE device = ? AND module <> '' ORDER BY module", arguments: [device])
    }
  }

  /// How many devices there are, and how many of them may connect.
  package func deviceCounts() throws -> (total: Int, enabled: Int) {
    try queue.read { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT count(*) AS total, total(isEnabled) AS enabled FROM identity WHERE module = ''")
      return (row?["total"] ?? 0, row?["enabled"] ?? 0)
    }
  }

  private static func matching(_ address: DeviceAddress, _ etag: String?, in database: Database) throws -> Identity {
    guard let old = try Identity.fetchOne(database, key: address.key) else { throw HubError.notFound(address) }
    if let etag, etag != "*", etag != old.etag { throw HubError.preconditionFailed }
    return old
  }
}

extension DeviceAddress {
  var key: [String: any DatabaseValueConvertible] { ["device": device, "module": module ?? ""] }

  init(row: Row) {
    let module: String = row["module"]
    self.init(device: row["device"], module: module.isEmpty ? nil : module)
  }
}

extension Identity: FetchableRecord, PersistableRecord {
  package static var databaseTableName: String { "identity" }

  package init(row: Row) throws {
    let primary: String? = row["primaryCredential"], secondary: String? = row["secondaryCredential"]
    let authentication: Authentication =
      switch row["authentication"] as String {
      case "symmetricKey": .symmetricKey(primary: primary ?? "", secondary: secondary ?? "")
      case "selfSigned": .selfSigned(primaryThumbprint: primary, secondaryThumbprint: secondary)
      default: .certificateAuthority
      }
    self.init(address: DeviceAddress(row: row), authentication: authentication, isEnabled: row["isEnabled"])
    generationId = row["generationId"]
    etag = row["etag"]
    statusReason = row["statusReason"]
    statusUpdatedTime = Date(timeIntervalSince1970: row["statusUpdatedTime"])
    isEdge = row["isEdge"]
    managedBy = row["managedBy"]
  }

  package func encode(to container: inout PersistenceContainer) {
    container["device"] = address.device
    container["module"] = address.module ?? ""
    container["generationId"] = generationId
    container["etag"] = etag
    container["isEnabled"] = isEnabled
    container["statusReason"] = statusReason
    container["statusUpdatedTime"] = statusUpdatedTime.timeIntervalSince1970
    switch authentication {
    case .symmetricKey(let primary, let secondary):
      container["authentication"] = "symmetricKey"
      container["primaryCredential"] = primary
      container["secondaryCredential"] = secondary
    case .selfSigned(let primary, let secondary):
      container["authentication"] = "selfSigned"
      container["primaryCredential"] = primary
      container["secondaryCredential"] = secondary
    case .certificateAuthority:
      container["authentication"] = "certificateAuthority"
      container["primaryCredential"] = String?.none
      container["secondaryCredential"] = String?.none
    }
    container["isEdge"] = isEdge
    container["managedBy"] = managedBy
  }
}

#endif
