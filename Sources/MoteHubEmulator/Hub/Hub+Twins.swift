#if Tools

import Foundation

extension Hub {
  package func twin(of address: DeviceAddress) throws -> Twin { try store.twin(of: address) }

  /// Notes the model of IoT Plug and Play that a device has announced.
  func announce(_ modelId: String, of address: DeviceAddress) throws {
    if try store.twin(of: address).modelId != modelId { try store.changeTwin(of: address) { $0.modelId = modelId } }
  }

  /// Merges what a device reports; returns the new version of its reported properties.
  package func patchReported(_ patch: JSON, of address: DeviceAddress) throws -> Int64 {
    activities[address]?.lastActivityTime = .now
    let version = try store.changeTwin(of: address) { twin in
      try twin.patchReported(patch)
      return twin.reported.version
    }
    events.publish(.twin(.reported, version: version, patch: patch, isReplaced: false), of: address)
    return version
  }

  /// Makes a change of the cloud's, and tells the device what changes of its desired properties, if it is connected.
  package func update(
    _ change: TwinUpdate, twinOf address: DeviceAddress, ifMatch etag: String? = nil
  ) throws -> Twin {
    let (twin, patch) = try store.changeTwin(of: address, ifMatch: etag) { twin in
      let patch = try twin.update(change)
      return (twin, patch)
    }
    if let tags = change.tags {
      events.publish(.twin(.tags, version: twin.version, patch: tags, isReplaced: change.replaces), of: address)
    }
    if let desired = change.desired {
      events.publish(
        .twin(.desired, version: twin.desired.version, patch: desired, isReplaced: change.replaces), of: address)
    }
    if let patch { links[address]?.desiredChanged(twin.notification(of: patch), version: twin.desired.version) }
    return twin
  }
}

#endif
