public import MoteBytes

/// Where the hub asks for methods, and answers and tells of twins: `{prefix}…?{parameters}`.
public enum RequestTopic {
  /// `$iothub/methods/POST/{name}/?$rid={rid}`
  public static var method: StaticString { "$iothub/methods/POST/" }
  /// `$iothub/twin/res/{status}/?$rid={rid}[&$version={version}]`
  public static var twinAnswer: StaticString { "$iothub/twin/res/" }
  /// `$iothub/twin/PATCH/properties/desired/?$version={version}`
  public static var desired: StaticString { "$iothub/twin/PATCH/properties/desired/" }
}

extension Region {
  /// What follows `prefix`, or nil when the topic begins otherwise.
  @inline(never) public func after(_ prefix: StaticString) -> Region? {
    let count = prefix.utf8CodeUnitCount
    guard self.count >= count, part(0, count).equals(prefix) else { return nil }
    return part(count, self.count &- count)
  }

  /// What stands before the first `/`, which has to be there.
  public var segment: Region? {
    let end = bytes.first(UInt8(ascii: "/"), from: 0)
    return end < count ? part(0, end) : nil
  }

  /// The number that it is in decimal, up to its end or a `/`; 0 for anything else, and for one above 2,147,483,629.
  @inline(never) public var number: UInt32 {
    var number: UInt32 = 0
    for offset in bytes.indices {
      let digit = UInt32(self[offset] &- UInt8(ascii: "0"))
      if digit == UInt32(UInt8(ascii: "/") &- UInt8(ascii: "0")) { break }
      guard digit < 10 && number < 214_748_363 else { return 0 }
      number = number &* 10 &+ digit
    }
    return number
  }

  /// The number that a parameter has; 0 when there is none.
  @inline(never) public func number(_ name: StaticString) -> UInt32 { parameter(name)?.number ?? 0 }

  /// The value of a parameter behind `?`, as it stands: nil when there is none or it is empty.
  public func parameter(_ name: StaticString) -> Region? {
    var start = bytes.first(UInt8(ascii: "?"), from: 0) &+ 1
    while start < count {
      let end = bytes.first(UInt8(ascii: "&"), from: start)
      if let value = part(start, end &- start).after(name), value.count > 0 { return value }
      start = end &+ 1
    }
    return nil
  }
}

/// A direct method, as its topic names it: `{name}`, percent-encoded, or `{component}*{command}` of IoT Plug and Play. Parts
/// of the topic.
public struct MethodTopic {
  public let name: Region
  /// Empty: there is none.
  public let component: Region
  /// To be sent back as it came.
  public let requestIdentifier: Region

  /// Takes a topic behind its prefix apart; nil when it is malformed. The name is decoded where it stands.
  @inline(__always) public init?(_ topic: Region) {
    guard let encoded = topic.segment,
      let identifier = topic.part(encoded.count, topic.count &- encoded.count).parameter("$rid=")
    else { return nil }
    // What is decoded is never longer, so it can be written over what it was decoded from.
    var writer = Writer(encoded)
    guard writer.appendPercentDecoded(encoded.bytes), writer.count > 0 else { return nil }
    let whole = writer.written
    let star = whole.bytes.first(UInt8(ascii: "*"), from: 0)
    let start = star < whole.count ? star &+ 1 : 0
    component = whole.part(0, start > 0 ? star : 0)
    name = whole.part(start, whole.count &- start)
    requestIdentifier = identifier
  }
}

extension Writer {
  /// Appends the topic of a method's response: `$iothub/methods/res/{status}/?$rid={rid}`.
  @inline(__always) public mutating func appendMethodResponseTopic(_ status: UInt32, _ identifier: Region) {
    append("$iothub/methods/res/")
    appendDecimal(UInt64(widened: UInt(status)))
    append("/?$rid=")
    append(identifier.bytes)
  }
}
