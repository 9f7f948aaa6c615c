#if Tools

package import Foundation

/// A twin: what the cloud wants of a device, what the device says of itself, and what the cloud notes about it
/// (protocol.md 9). Sections change by JSON merge patch (RFC 7396): null removes a member, an array is replaced whole.
package struct Twin: Hashable, Sendable {
  /// Properties with the version and the times of their changes.
  package struct Section: Hashable, Sendable {
    package var properties: JSON.Object = [:]
    /// `$version`: counts the changes, from 1.
    package var version: Int64 = 1
    /// `$metadata`: when the section and each of its properties last changed.
    package var metadata: JSON.Object
  }

  package var tags: JSON.Object = [:]
  package var desired: Section
  package var reported: Section
  /// Counts every change of the twin.
  package var version: Int64 = 2
  /// Counts the changes that the cloud has made.
  package var cloudVersion: Int64 = 1
  /// The model of IoT Plug and Play that the device has announced.
  package var modelId: String?

  /// The twin of a new device.
  package init(now: Date = .now) {
    desired = Section(metadata: Metadata.stamp(now: now, version: 1))
    reported = Section(metadata: Metadata.stamp(now: now, version: nil))
  }

  /// The ETag of what the cloud writes, tags and desired properties; without quotation marks.
  package var etag: String {
    // Eight bytes, the most significant first.
    Data((0..<8).map { UInt8(truncatingIfNeeded: cloudVersion >> (56 - 8 * $0)) }).base64EncodedString()
  }

  /// Merges what the device reports.
  package mutating func patchReported(_ patch: JSON, now: Date = .now) throws(HubError) {
    let patch = try TwinLimits.properties.checked(patch, "reported")
    var section = reported
    section.merge(patch, now: now, stampsVersions: false)
    try TwinLimits.properties.checkSize(section.properties, "reported")
    reported = section
    version += 1
  }

  /// Merges what the cloud wants. What a connected device is told of it is `notification` of the same patch.
  package mutating func patchDesired(_ patch: JSON, now: Date = .now) throws(HubError) {
    try update(TwinUpdate(desired: patch), now: now)
  }

  /// Merges what the cloud notes.
  package mutating func patchTags(_ patch: JSON, now: Date = .now) throws(HubError) {
    try update(TwinUpdate(tags: patch), now: now)
  }

  /// Changes tags and desired properties together, as one version; nothing when one of them is refused. Returns what
  /// changes of the desired properties: what a connected device is told, `$version` apart. Nil when they do not.
  @discardableResult
  package mutating func update(_ change: TwinUpdate, now: Date = .now) throws(HubError) -> JSON.Object? {
    var new = self, told: JSON.Object?
    if let tags = change.tags {
      let patch = try TwinLimits.tags.checked(tags, "tags")
      new.tags = change.replaces ? Merge.withoutNulls(patch) : Merge.merged(self.tags, with: patch)
      try TwinLimits.tags.checkSize(new.tags, "tags")
    }
    if let desired = change.desired {
      var patch = try TwinLimits.properties.checked(desired, "desired")
      if change.replaces { patch = Merge.patch(from: self.desired.properties, to: Merge.withoutNulls(patch)) }
      new.desired.merge(patch, now: now, stampsVersions: true)
      try TwinLimits.properties.checkSize(new.desired.properties, "desired")
      told = patch
    }
    new.version += 1
    new.cloudVersion += 1
    self = new
    return told
  }
}

/// A change that the cloud makes to a twin.
package struct TwinUpdate: Hashable, Sendable {
  /// A merge patch, or all of it with `replaces`.
  package var tags: JSON?
  package var desired: JSON?
  /// Whether what is not mentioned in a section that is given goes away.
  package var replaces: Bool

  package init(tags: JSON? = nil, desired: JSON? = nil, replaces: Bool = false) {
    self.tags = tags
    self.desired = desired
    self.replaces = replaces
  }
}

extension Twin.Section {
  fileprivate mutating func merge(_ patch: JSON.Object, now: Date, stampsVersions: Bool) {
    version += 1
    properties = Merge.merged(properties, with: patch)
    metadata = Metadata.merged(
      metadata, with: patch, stamp: Metadata.stamp(now: now, version: stampsVersions ? version : nil))
  }
}

#endif
