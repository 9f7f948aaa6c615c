#if Tools

package import Foundation
import GRDB

/// The queues of messages from the cloud, one a device. Who holds a message locked is the hub's to know.
extension Store {
  /// Puts a message at the end of a device's queue; returns it with its number and times. Refuses a full queue, a message
  /// that is too large, one that has expired, and an unknown device.
  @discardableResult
  package func enqueue(_ message: CloudMessage, for address: DeviceAddress, now: Date = .now) throws -> CloudMessage {
    var message = message
    let expiry = message.expiry ?? now + CloudMessage.defaultTimeToLive
    if message.size > CloudMessage.maximumSize {
      throw HubError.tooLarge(
        "The message has \(message.size) bytes with its properties; there may be \(CloudMessage.maximumSize).")
    }
    if expiry <= now { throw HubError.argumentInvalid("The message has expired.") }
    if expiry > now + CloudMessage.maximumTimeToLive {
      throw HubError.argumentInvalid("A message lives for two days at most.")
    }
    message.expiry = expiry
    message.enqueuedTime = now
    message.deliveryCount = 0
    return try queue.write { database in
      guard try Identity.exists(database, key: address.key) else { throw HubError.notFound(address) }
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM message WHERE device = ? AND module = ? AND expiry > ?",
        arguments: [address.device, address.module ?? "", now.timeIntervalSince1970])
      if count ?? 0 >= CloudMessage.maximumQueued { throw HubError.queueFull(address) }
      try MessageRow(address: address, message: message).insert(database)
      message.sequenceNumber = database.lastInsertedRowID
      return message
    }
  }

  /// The messages that wait for a device, the oldest first; those too whose time is over and that `expire` has not taken.
  package func messages(for address: DeviceAddress) throws -> [CloudMessage] {
    try queue.read {
      try MessageRow.fetchAll(
        $0, sql: "SELECT * FROM message WHERE device = ? AND module = ? ORDER BY sequenceNumber",
        arguments: [address.device, address.module ?? ""]
      ).map(\.message)
    }
  }

  /// How many messages wait for a device.
  package func messageCount(for address: DeviceAddress) throws -> Int {
    try queue.read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM message WHERE device = ? AND module = ?",
        arguments: [address.device, address.module ?? ""])
    } ?? 0
  }

  /// Removes a message: the device has it, or has rejected it, or was offered it too often. False when it is gone already.
  @discardableResult
  package func complete(_ sequenceNumber: Int64, _ outcome: Feedback.Outcome = .success, now: Date = .now) throws
    -> Bool
  {
    try queue.write {
      try Self.note(outcome, ofMessagesWhere: "sequenceNumber = ?", [sequenceNumber], now: now, in: $0)
      try $0.execute(sql: "DELETE FROM message WHERE sequenceNumber = ?", arguments: [sequenceNumber])
      return $0.changesCount > 0
    }
  }

  /// Counts one more delivery of a message; returns how many there have been, nil when the message is gone.
  @discardableResult
  package func countDelivery(_ sequenceNumber: Int64) throws -> Int? {
    try queue.write {
      try Int.fetchOne(
        $0,
        sql: "UPDATE message SET deliveryCount = deliveryCount + 1 WHERE sequenceNumber = ? RETURNING deliveryCount",
        arguments: [sequenceNumber])
    }
  }

  /// Removes the messages whose time is over, and returns them.
  package func expire(now: Date = .now) throws -> [(address: DeviceAddress, message: CloudMessage)] {
    try queue.write {
      try Self.note(.expired, ofMessagesWhere: "expiry <= ?", [now.timeIntervalSince1970], now: now, in: $0)
      return try MessageRow.fetchAll(
        $0, sql: "DELETE FROM message WHERE expiry <= ? RETURNING *", arguments: [now.timeIntervalSince1970]
      ).map { ($0.address, $0.message) }
    }
  }

  /// Removes all messages that wait for a device; returns how many there were.
  package func purge(_ address: DeviceAddress, now: Date = .now) throws -> Int {
    try queue.write {
      let owner: StatementArguments = [address.device, address.module ?? ""]
      try Self.note(.purged, ofMessagesWhere: "device = ? AND module = ?", owner, now: now, in: $0)
      try $0.execute(sql: "DELETE FROM message WHERE device = ? AND module = ?", arguments: owner)
      return $0.changesCount
    }
  }
}

/// A message in its table.
private struct MessageRow: FetchableRecord, PersistableRecord {
  static var databaseTableName: String { "message" }

  let address: DeviceAddress
  let message: CloudMessage

  init(address: DeviceAddress, message: CloudMessage) {
    self.address = address
    self.message = message
  }

  init(row: Row) throws {
    address = DeviceAddress(row: row)
    var message = CloudMessage(body: Array(row["body"] as Data))
    message.sequenceNumber = row["sequenceNumber"]
    message.messageId = row["messageId"]
    message.correlationId = row["correlationId"]
    message.userId = row["userId"]
    message.to = row["to"]
    message.expiry = Date(timeIntervalSince1970: row["expiry"])
    message.acknowledgement = CloudMessage.Acknowledgement(rawValue: row["acknowledgement"]) ?? .none
    message.contentType = row["contentType"]
    message.contentEncoding = row["contentEncoding"]
    // Pairs of name and value, null for none.
    message.properties = (try JSON.parse((row["properties"] as String).utf8).array ?? []).map { pair in
      CloudMessage.Property(pair.array?.first?.string ?? "", pair.array?.last?.string)
    }
    message.enqueuedTime = Date(timeIntervalSince1970: row["enqueuedTime"])
    message.deliveryCount = row["deliveryCount"]
    message.lockToken = row["lockToken"]
    self.message = message
  }

  func encode(to container: inout PersistenceContainer) {
    container["device"] = address.device
    container["module"] = address.module ?? ""
    container["messageId"] = message.messageId
    container["correlationId"] = message.correlationId
    container["userId"] = message.userId
    container["to"] = message.to
    container["contentType"] = message.contentType
    container["contentEncoding"] = message.contentEncoding
    container["expiry"] = message.expiry?.timeIntervalSince1970
    container["acknowledgement"] = message.acknowledgement.rawValue
    container["properties"] =
      JSON.array(message.properties.map { [.string($0.name), $0.value.map(JSON.string) ?? .null] }).text
    container["body"] = Data(message.body)
    container["enqueuedTime"] = message.enqueuedTime.timeIntervalSince1970
    container["deliveryCount"] = message.deliveryCount
    container["lockToken"] = message.lockToken
  }
}

#endif
