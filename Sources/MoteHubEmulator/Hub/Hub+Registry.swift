#if Tools

/// Changes of the registry, which connected devices feel.
extension Hub {
  /// The key of the policy `iothubowner`, base64; made on first use.
  package var serviceKey: String { get throws { try key(named: "iothubowner") } }

  /// A key of the hub's own, base64; made on first use.
  func key(named name: String) throws -> String {
    if let key = try store.setting(name) { return key }
    let key = Authentication.newKey()
    try store.set(name, key)
    return key
  }

  /// What a device connects with; it is registered with new keys if it is not registered.
  package func connectionString(of address: DeviceAddress) throws -> String {
    if try store.identity(address) == nil { try create(Identity(address: address, authentication: .newKeys())) }
    let module = address.module.map { ";ModuleId=\($0)" } ?? ""
    let credential =
      if case .symmetricKey(let primary, _)? = try store.identity(address)?.authentication {
        "SharedAccessKey=\(primary)"
      } else {
        "x509=true"
      }
    return "HostName=\(settings.hostName);DeviceId=\(address.device)\(module);\(credential)"
  }

  package func create(_ identity: Identity) throws {
    try store.create(identity)
    events.publish(.identity(.created), of: identity.address)
  }

  /// Returns the identity with its new ETag. One that is disabled now, or has other credentials, loses its connection; a
  /// device that is disabled, those of its modules too.
  package func update(_ identity: Identity, ifMatch etag: String? = nil) throws -> Identity {
    let old = try store.identity(identity.address)
    let new = try store.update(identity, ifMatch: etag)
    events.publish(.identity(.updated), of: new.address)
    if !new.isEnabled {
      close(new.address, "the identity has been disabled")
    } else if let old, old.authentication != new.authentication {
      links[new.address]?.close("the identity has new credentials")
    }
    return new
  }

  /// Removes an identity, and a device's modules with it.
  package func delete(_ address: DeviceAddress, ifMatch etag: String? = nil) throws {
    try store.delete(address, ifMatch: etag)
    close(address, "the identity has been deleted")
    activities = activities.filter { !address.includes($0.key) }
    expiredTokens = expiredTokens.filter { !address.includes($0.key) }
    forget?(address)
    events.publish(.identity(.deleted), of: address)
  }

  /// Ends the connection of an identity, and those of a device's modules with it.
  private func close(_ address: DeviceAddress, _ reason: String) {
    for (other, link) in links where address.includes(other) { link.close(reason) }
  }
}

extension DeviceAddress {
  /// Whether the other is the same, or a module of this device.
  func includes(_ other: DeviceAddress) -> Bool { device == other.device && (module == nil || module == other.module) }
}

#endif
