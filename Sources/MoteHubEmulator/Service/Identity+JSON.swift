#if Tools

import Foundation

extension Identity {
  /// A device or a module as the registry shows it.
  func json(connection: ConnectionState) -> JSON {
    var object: JSON.Object = [:]
    if let module = address.module {
      object["moduleId"] = .string(module)
      object["managedBy"] = managedBy.map(JSON.string) ?? .null
    }
    object["deviceId"] = .string(address.device)
    object["generationId"] = .string(generationId)
    object["etag"] = .string(etag)
    object["connectionState"] = .string(connection.name)
    object["connectionStateUpdatedTime"] = .string(connection.updatedTime)
    object["lastActivityTime"] = .string(connection.lastActivityTime)
    object["cloudToDeviceMessageCount"] = .integer(Int64(connection.waitingMessages))
    if address.module == nil {
      object["status"] = .string(status)
      object["statusReason"] = statusReason.map(JSON.string) ?? .null
      object["statusUpdatedTime"] = .string(Timestamp.text(statusUpdatedTime))
      object["capabilities"] = ["iotEdge": .bool(isEdge)]
    }
    object["authentication"] = authentication.json
    return .object(object)
  }

  var status: String { isEnabled ? "enabled" : "disabled" }

  /// What a client wants an identity to be. `old` is what there is, whose keys stay when none are given.
  init(_ json: JSON, at address: DeviceAddress, replacing old: Identity?) throws(HubError) {
    guard json.object != nil else { throw .argumentInvalid("The body is not a JSON object.") }
    let device = try json.text("deviceId") ?? address.device, module = try json.text("moduleId") ?? address.module
    guard DeviceAddress(device: device, module: module) == address else {
      throw .argumentInvalid("The identifiers in the body are not those of the path.")
    }
    let authentication = try Authentication(json["authentication"] ?? .null, replacing: old?.authentication)
    guard authentication.isValid else {
      throw .argumentInvalid(
        "authentication: a key is base64 of 16 to 64 bytes, a thumbprint has 40 or 64 hexadecimal digits, and one is given."
      )
    }
    self.init(address: address, authentication: authentication)
    switch try json.text("status") {
    case nil, "enabled": isEnabled = true
    case "disabled": isEnabled = false
    default: throw .argumentInvalid("status: it is neither enabled nor disabled.")
    }
    statusReason = try json.text("statusReason")
    if statusReason?.utf8.count ?? 0 > 128 { throw .argumentInvalid("statusReason: it has more than 128 bytes.") }
    managedBy = try json.text("managedBy")
    isEdge = try json["capabilities"]?.flag("iotEdge") ?? false
  }
}

extension Authentication {
  /// What the registry calls it.
  var typeName: String {
    switch self {
    case .symmetricKey: "sas"
    case .selfSigned: "selfSigned"
    case .certificateAuthority: "certificateAuthority"
    }
  }

  var json: JSON {
    var keys: JSON.Object = ["primaryKey": nil, "secondaryKey": nil]
    if case .symmetricKey(let primary, let secondary) = self {
      keys = ["primaryKey": .string(primary), "secondaryKey": .string(secondary)]
    }
    return ["symmetricKey": .object(keys), "x509Thumbprint": thumbprints, "type": .string(typeName)]
  }

  var thumbprints: JSON {
    var thumbprints: JSON.Object = ["primaryThumbprint": nil, "secondaryThumbprint": nil]
    if case .selfSigned(let primary, let secondary) = self {
      thumbprints["primaryThumbprint"] = primary.map(JSON.string) ?? .null
      thumbprints["secondaryThumbprint"] = secondary.map(JSON.string) ?? .null
    }
    return .object(thumbprints)
  }

  /// Without a type it is found from what is given, and is two new keys when nothing is.
  init(_ json: JSON, replacing old: Authentication?) throws(HubError) {
    let keys = json["symmetricKey"] ?? .null, thumbprints = json["x509Thumbprint"] ?? .null
    let primaryThumbprint = try thumbprints.text("primaryThumbprint")
    let secondaryThumbprint = try thumbprints.text("secondaryThumbprint")
    let isSelfSigned = primaryThumbprint != nil || secondaryThumbprint != nil
    switch try json.text("type") ?? (isSelfSigned ? "selfSigned" : "sas") {
    case "sas":
      var primary = try keys.text("primaryKey"), secondary = try keys.text("secondaryKey")
      if case .symmetricKey(let first, let second)? = old {
        primary = primary ?? first
        secondary = secondary ?? second
      }
      self = .symmetricKey(primary: primary ?? Self.newKey(), secondary: secondary ?? Self.newKey())
    case "selfSigned":
      self = .selfSigned(primaryThumbprint: primaryThumbprint, secondaryThumbprint: secondaryThumbprint)
    case "certificateAuthority": self = .certificateAuthority
    default: throw .argumentInvalid("authentication.type: it is neither sas nor selfSigned nor certificateAuthority.")
    }
  }
}

/// Whether an identity is connected, and since when, as the service writes it.
struct ConnectionState {
  let name: String
  let updatedTime: String
  let lastActivityTime: String
  let waitingMessages: Int

  init(of address: DeviceAddress, in hub: Hub) throws {
    let activity = hub.activity(of: address)
    name = hub.isConnected(address) ? "Connected" : "Disconnected"
    updatedTime = activity.map { Timestamp.text($0.connectionStateUpdatedTime, digits: 3) } ?? Timestamp.never
    lastActivityTime = activity.map { Timestamp.text($0.lastActivityTime, digits: 3) } ?? Timestamp.never
    waitingMessages = try hub.store.messageCount(for: address)
  }
}

#endif
