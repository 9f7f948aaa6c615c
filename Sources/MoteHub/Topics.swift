public import MoteBytes

extension Writer {
  /// Appends the user name of CONNECT: `{hub}/{device}[/{module}]/?api-version=2021-04-12`, with
  /// `&DeviceClientType={product}` and `&model-id={model}` for those that are not empty. Identifiers are never encoded here:
  /// the hub does not decode them.
  public mutating func appendUserName(of identity: Identity) {
    append(identity.host.bytes)
    append(UInt8(ascii: "/"))
    appendClientIdentifier(of: identity)
    append("/?api-version=2021-04-12")
    appendParameter("&DeviceClientType=", identity.product)
    appendParameter("&model-id=", identity.model)
  }

  @inline(never) private mutating func appendParameter(_ name: StaticString, _ value: Region) {
    if value.count == 0 { return }
    append(name)
    appendPercentEncoded(value.bytes)
  }

  /// Appends the client identifier: `{device}` or `{device}/{module}`.
  public mutating func appendClientIdentifier(of identity: Identity) {
    append(identity.device.bytes)
    if identity.module.count > 0 {
      append(UInt8(ascii: "/"))
      append(identity.module.bytes)
    }
  }

  /// Appends telemetry's topic up to the property bag: `devices/{device}[/modules/{module}]/messages/events/`.
  public mutating func appendTelemetryTopic(of identity: Identity) {
    append("devices/")
    append(identity.device.bytes)
    if identity.module.count > 0 {
      append("/modules/")
      append(identity.module.bytes)
    }
    append("/messages/events/")
  }

  /// Appends the filter of cloud-to-device messages: `devices/{device}/messages/devicebound/#`, with a wildcard for
  /// a device whose identifier would be one.
  public mutating func appendDeviceBoundFilter(of identity: Identity) {
    append("devices/")
    let device = identity.device.bytes
    if device.first(UInt8(ascii: "+"), from: 0) < device.count
      || device.first(UInt8(ascii: "#"), from: 0) < device.count
    {
      append(UInt8(ascii: "+"))
    } else {
      append(device)
    }
    append(deviceBound)
    append(UInt8(ascii: "#"))
  }

  /// Appends a property to a bag: `name=value`, both percent-encoded, after `&` unless it is the first. Without a
  /// value: `name` alone.
  public mutating func appendProperty(_ name: Span<UInt8>, _ value: Span<UInt8>?, isFirst: Bool) {
    if !isFirst { append(UInt8(ascii: "&")) }
    appendPercentEncoded(name)
    if let value {
      append(UInt8(ascii: "="))
      appendPercentEncoded(value)
    }
  }
}

private var deviceBound: StaticString { "/messages/devicebound/" }

extension Identity {
  /// Length of a cloud-to-device message's topic before its property bag.
  public var deviceBoundPrefixCount: Int { 8 &+ device.count &+ deviceBound.utf8CodeUnitCount }

  /// The property bag of a cloud-to-device message's topic, or nil when the topic is another.
  public func deviceBoundBag(_ topic: Region) -> Region? {
    let start = 8 &+ device.count
    let end = deviceBoundPrefixCount
    guard topic.count >= end, topic.part(0, 8).equals("devices/"),
      topic.part(8, device.count).bytes.equals(device.bytes),
      topic.part(start, end &- start).equals(deviceBound)
    else { return nil }
    return topic.part(end, topic.count &- end)
  }
}
