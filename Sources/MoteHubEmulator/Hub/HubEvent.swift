#if Tools

package import Foundation

/// Something that happened at the hub.
package struct HubEvent: Sendable {
  package enum Kind: Sendable {
    case telemetry(Telemetry)
    case connected(protocol: String)
    case disconnected(reason: String)
    case cloudMessage(CloudMessageStage, CloudMessage)
    case method(MethodStage)
    /// A merge patch of a twin's section, or all of it.
    case twin(TwinSection, version: Int64, patch: JSON, isReplaced: Bool)
    case identity(IdentityStage)
    case upload(UploadStage, Upload)
    /// So many events went by before this reader took what there was.
    case missed(count: Int)
  }

  package enum CloudMessageStage: String, Sendable {
    case enqueued, delivered, completed, rejected, abandoned, expired, deadLettered
  }

  package enum MethodStage: Sendable {
    case invoked(name: String, requestId: String, payload: JSON?)
    case answered(name: String, requestId: String, status: Int, payload: JSON?)
    case failed(name: String, requestId: String, HubError)
  }

  package enum UploadStage: Sendable {
    case asked
    /// What the device says of it; `length` is the blob's, in bytes, when there is one.
    case ended(Upload.Outcome, length: Int64?)
  }

  package enum TwinSection: String, Sendable { case desired, reported, tags }

  package enum IdentityStage: String, Sendable { case created, updated, deleted }

  /// Counts every event of the hub, from 1, so that a reader sees a gap. 0 for `missed`, which is one reader's own.
  package var sequence: UInt64
  package var time: Date
  /// Absent for `missed`.
  package var address: DeviceAddress?
  package var kind: Kind
}

/// A message from a device (protocol.md 6).
package struct Telemetry: Sendable {
  /// Under their long names: `messageId`, `contentType`.
  package var systemProperties: [CloudMessage.Property] = []
  package var properties: [CloudMessage.Property] = []
  package var body: [UInt8]

  package init(
    systemProperties: [CloudMessage.Property] = [], properties: [CloudMessage.Property] = [], body: [UInt8]
  ) {
    self.systemProperties = systemProperties
    self.properties = properties
    self.body = body
  }

  /// Most bytes of the body and of the properties' names and values.
  package static let maximumSize = 256 * 1024

  package var size: Int {
    (systemProperties + properties).reduce(body.count) { $0 + $1.name.utf8.count + ($1.value?.utf8.count ?? 0) }
  }
}

#endif
