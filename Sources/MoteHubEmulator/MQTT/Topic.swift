#if Tools

/// What a device publishes to (protocol.md 5.5). Identifiers are compared as they are: the hub decodes none in a topic.
enum DeviceTopic: Equatable {
  /// Most bytes of a request's identifier: it stands in the answer's topic too, beside more words than in the request's.
  static let maximumRequestId = 65_000

  /// With the property bag at its end.
  case telemetry(bag: String)
  case methodResponse(status: Int, requestId: String)
  case twinGet(requestId: String)
  case twinPatch(requestId: String)

  /// Nil for a topic that this device has no business with.
  init?(_ topic: String, of address: DeviceAddress) {
    let events = Self.events(of: address)
    if topic.hasPrefix(events) {
      self = .telemetry(bag: String(topic.dropFirst(events.count)))
      return
    }
    guard let question = topic.firstRange(of: "/?"), let requestId = Self.requestId(topic[question.upperBound...])
    else {
      return nil
    }
    switch topic[..<question.lowerBound] {
    case "$iothub/twin/GET": self = .twinGet(requestId: requestId)
    case "$iothub/twin/PATCH/properties/reported": self = .twinPatch(requestId: requestId)
    case let path where path.hasPrefix("$iothub/methods/res/"):
      guard let status = Int(path.dropFirst("$iothub/methods/res/".count)) else { return nil }
      self = .methodResponse(status: status, requestId: requestId)
    default: return nil
    }
  }

  /// Where the device's telemetry goes, and its will.
  static func events(of address: DeviceAddress) -> String {
    "devices/\(address.device)/" + (address.module.map { "modules/\($0)/" } ?? "") + "messages/events/"
  }

  private static func requestId(_ query: Substring) -> String? {
    guard let id = query.split(separator: "&").first(where: { $0.hasPrefix("$rid=") })?.dropFirst("$rid=".count),
      id.utf8.count <= maximumRequestId
    else { return nil }
    return String(id)
  }
}

/// What a device subscribes to.
enum DeviceFilter: Hashable {
  case cloudMessages
  case inputs
  /// All methods, or the one with this name.
  case methods(String?)
  case twinResponses
  case desiredChanges
  case credentials

  /// Nil for a filter that the hub does not know.
  init?(_ filter: String, of address: DeviceAddress) {
    switch filter {
    case "$iothub/methods/POST/#": self = .methods(nil)
    case "$iothub/twin/res/#": self = .twinResponses
    case "$iothub/twin/PATCH/properties/desired/#": self = .desiredChanges
    case "$iothub/credentials/res/#": self = .credentials
    case "devices/\(address.device)/messages/devicebound/#", "devices/+/messages/devicebound/#":
      if address.module != nil { return nil }
      self = .cloudMessages
    case "devices/\(address.device)/modules/\(address.module ?? "")/inputs/#":
      if address.module == nil { return nil }
      self = .inputs
    default:
      let parts = filter.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 5, parts[0...2] == ["$iothub", "methods", "POST"], parts[4] == "#" else { return nil }
      guard !parts[3].isEmpty, !parts[3].contains("+"), !parts[3].contains("#") else { return nil }
      self = .methods(String(parts[3]))
    }
  }
}

/// What the hub publishes to.
enum HubTopic {
  static func twinResponse(_ status: Int, requestId: String, version: Int64? = nil) -> String {
    "$iothub/twin/res/\(status)/?$rid=\(requestId)" + (version.map { "&$version=\($0)" } ?? "")
  }

  static func desired(version: Int64) -> String { "$iothub/twin/PATCH/properties/desired/?$version=\(version)" }

  static func method(_ name: String, requestId: String) -> String {
    "$iothub/methods/POST/\(PropertyBag.encoded(name))/?$rid=\(requestId)"
  }

  static func cloudMessage(_ message: CloudMessage, to address: DeviceAddress) -> String {
    "devices/\(address.device)/messages/devicebound/" + PropertyBag.text(message.bag)
  }
}

extension CloudMessage {
  /// Its system and application properties, as they stand in a topic.
  var bag: [Property] {
    var bag: [Property] = []
    let system = [
      ("$.mid", messageId), ("$.cid", correlationId), ("$.uid", userId), ("$.to", to),
      ("$.exp", expiry.map { Timestamp.text($0, digits: 3) }), ("$.ct", contentType), ("$.ce", contentEncoding),
    ]
    for case (let name, let value?) in system { bag.append(.init(name, value)) }
    if acknowledgement != .none { bag.append(.init("iothub-ack", acknowledgement.rawValue)) }
    return bag + properties
  }
}

#endif
