#if Tools

package import Foundation

/// A message from the cloud to a device (protocol.md 7).
package struct CloudMessage: Hashable, Sendable {
  /// Whether the sender wants to hear what became of it.
  package enum Acknowledgement: String, Sendable, CaseIterable { case none, positive, negative, full }

  /// An application property. One without a value is not the same as one with an empty value.
  package struct Property: Hashable, Sendable {
    package var name: String
    package var value: String?

    package init(_ name: String, _ value: String?) {
      self.name = name
      self.value = value
    }
  }

  /// Most bytes of body and properties together.
  package static let maximumSize = 64 * 1024
  /// Most messages that wait for one device.
  package static let maximumQueued = 50
  /// After how many deliveries without completion it is given up.
  package static let maximumDeliveries = 10
  /// In seconds: what a message has without `expiry`, and the most that it may have.
  package static let defaultTimeToLive: TimeInterval = 3_600
  package static let maximumTimeToLive: TimeInterval = 2 * 86_400

  /// Its place among all messages of the store, which gives it; 0 before.
  package var sequenceNumber: Int64 = 0
  package var messageId: String?
  package var correlationId: String?
  package var userId: String?
  package var to: String?
  /// When it is dropped, delivered or not; the store puts the default here when there is none.
  package var expiry: Date?
  package var acknowledgement = Acknowledgement.none
  package var contentType: String?
  package var contentEncoding: String?
  package var properties: [Property] = []
  package var body: [UInt8]
  package var enqueuedTime = Date.distantPast
  /// How often it was handed out before.
  package var deliveryCount = 0
  package var lockToken = UUID().uuidString.lowercased()

  package init(body: [UInt8]) { self.body = body }

  /// What counts towards `maximumSize`.
  package var size: Int {
    let texts = [messageId, correlationId, userId, to, contentType, contentEncoding].compactMap(\.self)
    return body.count + texts.reduce(0) { $0 + $1.utf8.count }
      + properties.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.utf8.count ?? 0) }
  }
}

#endif
