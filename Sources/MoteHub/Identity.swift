// MoteHub: what IoT Hub makes of MQTT: identities, tokens, user names, topics and property bags.

public import MoteBytes

/// Why a connection string is refused.
extension Failure {
  public static var connectionStringItem: Self { Self(-200) }
  public static var connectionStringKey: Self { Self(-201) }
  public static var connectionStringDuplicate: Self { Self(-202) }
  public static var connectionStringPolicy: Self { Self(-203) }
  public static var connectionStringHost: Self { Self(-204) }
  public static var connectionStringDevice: Self { Self(-205) }
  public static var connectionStringModule: Self { Self(-206) }
  public static var connectionStringSecret: Self { Self(-207) }
  public static var connectionStringCredential: Self { Self(-208) }
  public static var connectionStringGateway: Self { Self(-209) }
}

/// Who a device is, and whose it is: the parts of its connection string. An empty part is absent.
public struct Identity {
  public private(set) var host = Region.empty
  public private(set) var device = Region.empty
  public private(set) var module = Region.empty
  /// Base64 text.
  public private(set) var key = Region.empty
  public private(set) var gateway = Region.empty
  public private(set) var usesCertificate = false

  /// The parts of a connection string: `HostName=…;DeviceId=…;SharedAccessKey=…`, with `ModuleId`, `GatewayHostName`,
  /// and `x509=true` in place of the key. Parts of `text`, which must outlive the identity.
  public init(connectionString text: Region) throws(Failure) {
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count && text[end] != UInt8(ascii: ";") { end &+= 1 }
      var equals = start
      while equals < end && text[equals] != UInt8(ascii: "=") { equals &+= 1 }
      guard equals > start && equals &+ 1 < end else { throw .connectionStringItem }
      try set(text.part(start, equals &- start), text.part(equals &+ 1, end &- equals &- 1))
      start = end &+ 1
    }
    guard host.isHostName else { throw .connectionStringHost }
    guard device.isIdentifier else { throw .connectionStringDevice }
    guard module.count == 0 || module.isIdentifier else { throw .connectionStringModule }
    guard gateway.count == 0 || gateway.isHostName else { throw .connectionStringGateway }
    guard (key.count > 0) != usesCertificate else { throw .connectionStringCredential }
    guard usesCertificate || key.isSecret else { throw .connectionStringSecret }
  }

  private mutating func set(_ name: Region, _ value: Region) throws(Failure) {
    if name.equals("HostName") {
      try Identity.set(&host, value)
    } else if name.equals("DeviceId") {
      try Identity.set(&device, value)
    } else if name.equals("ModuleId") {
      try Identity.set(&module, value)
    } else if name.equals("SharedAccessKey") {
      try Identity.set(&key, value)
    } else if name.equals("GatewayHostName") {
      try Identity.set(&gateway, value)
    } else if name.equals("x509") {
      guard !usesCertificate else { throw .connectionStringDuplicate }
      guard value.equals("true") || value.equals("True") else { throw .connectionStringCredential }
      usesCertificate = true
    } else {
      throw name.equals("SharedAccessKeyName") ? .connectionStringPolicy : .connectionStringKey
    }
  }

  @inline(never) private static func set(_ part: inout Region, _ value: Region) throws(Failure) {
    guard part.count == 0 else { throw .connectionStringDuplicate }
    part = value
  }

  /// Where the device connects: its gateway, or the hub.
  public var peer: Region { gateway.count > 0 ? gateway : host }
}

extension Region {
  func equals(_ literal: StaticString) -> Bool { bytes.equals(literal.bytes) }

  /// Whether it is a host name: letters, digits, `-` and `.`, at most 253.
  fileprivate var isHostName: Bool { has(count <= 253, extra: "-.") }

  /// Whether it is a device or module identifier: at most 128 of letters, digits and some punctuation.
  fileprivate var isIdentifier: Bool { has(count <= 128, extra: "-:.+%_#*?!(),=@$'") }

  private func has(_ isShort: Bool, extra: StaticString) -> Bool {
    guard isShort && count > 0 else { return false }
    for offset in 0..<count {
      let byte = self[offset]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if letter < 26 || byte &- UInt8(ascii: "0") < 10 { continue }
      let extra = extra.bytes
      var place = 0
      while place < extra.count && extra[place] != byte { place &+= 1 }
      if place == extra.count { return false }
    }
    return true
  }
}
