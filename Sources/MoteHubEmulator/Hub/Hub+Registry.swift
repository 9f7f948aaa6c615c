#if Tools

/// Changes of the registry, which connected devices feel.
extension Hub {
  package func create(_ identity: Identity) throws {
    try store.create(identity)
    events.publish(.identity(.created), of: identity.address)
  }

  /// Returns the identity with its new ETag. One that is disabled now, or has other credentials, loses its connection.
  package func update(_ identity: Identity, ifMatch etag: String? = nil) throws -> Identity {
    let old = try store.identity(identity.address)
    let new = try store.update(identity, ifMatch: etag)
    events.publish(.identity(.updated), of: new.address)
    if !new.isEnabled {
      links[new.address]?.close("the identity has been disabled")
    } else if let old, old.authentication != new.authentication {
      links[new.address]?.close("the identity has new credentials")
    }
    return new
  }

  /// Removes an identity, and a device's modules with it.
  package func delete(_ address: DeviceAddress, ifMatch etag: String? = nil) throws {
    try store.delete(address, ifMatch: etag)
    for (other, link) in links where other.device == address.device {
      if address.module == nil || address == other { link.close("the identity has been deleted") }
    }
    activities = activities.filter { $0.key != address && (address.module != nil || $0.key.device != address.device) }
    events.publish(.identity(.deleted), of: address)
  }
}

#endif
