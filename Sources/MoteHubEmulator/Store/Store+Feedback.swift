#if Tools

package import Foundation
import GRDB

/// What became of a message whose sender wants to hear of it.
package struct Feedback: Hashable, Sendable {
  /// What it can be, as the service words it.
  package enum Outcome: String, Sendable {
    case success = "Success"
    case expired = "Expired"
    case deliveryCountExceeded = "DeliveryCountExceeded"
    case rejected = "Rejected"
    case purged = "Purged"

    var wanting: [CloudMessage.Acknowledgement] { self == .success ? [.positive, .full] : [.negative, .full] }
  }

  package var id: Int64
  package var originalMessageId: String?
  package var device: String
  package var generationId: String
  package var outcome: Outcome
  package var enqueuedTime: Date
}

/// Feedback waits in a queue of the hub's own, an hour at most.
extension Store {
  private static let feedbackTimeToLive: TimeInterval = 3_600

  /// The oldest of what waits, but not those of these numbers.
  package func feedback(limit: Int, besides taken: Set<Int64> = [], now: Date = .now) throws -> [Feedback] {
    try queue.read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM feedback WHERE enqueuedTime > ? ORDER BY id",
        arguments: [(now - Self.feedbackTimeToLive).timeIntervalSince1970])
      return rows.lazy.map(Feedback.init).filter { !taken.contains($0.id) }.prefix(limit).map(\.self)
    }
  }

  /// Somebody has heard of it.
  package func removeFeedback(_ ids: some Sequence<Int64>) throws {
    try queue.write { database in
      for id in ids { try database.execute(sql: "DELETE FROM feedback WHERE id = ?", arguments: [id]) }
    }
  }

  /// Notes what becomes of the messages that a condition in SQL finds, in the transaction that takes them away.
  static func note(
    _ outcome: Feedback.Outcome, ofMessagesWhere condition: String, _ arguments: StatementArguments, now: Date,
    in database: Database
  ) throws {
    let wanting = outcome.wanting.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    try database.execute(
      sql: """
        INSERT INTO feedback (originalMessageId, device, generationId, outcome, enqueuedTime)
        SELECT messageId, device, generationId, ?, ? FROM message JOIN identity USING (device, module)
        WHERE acknowledgement IN (\(wanting)) AND \(condition) ORDER BY sequenceNumber
        """, arguments: [outcome.rawValue, now.timeIntervalSince1970] + arguments)
    if database.changesCount > 0 {
      try database.execute(
        sql: "DELETE FROM feedback WHERE enqueuedTime <= ?",
        arguments: [(now - Self.feedbackTimeToLive).timeIntervalSince1970])
    }
  }
}

extension Feedback {
  fileprivate init(_ row: Row) {
    id = row["id"]
    originalMessageId = row["originalMessageId"]
    device = row["device"]
    generationId = row["generationId"]
    outcome = Outcome(rawValue: row["outcome"]) ?? .success
    enqueuedTime = Date(timeIntervalSince1970: row["enqueuedTime"])
  }
}

#endif
