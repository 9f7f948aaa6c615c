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
  /// In the order of ``names``.
  private var parts: InlineArray<5, Region> = .init(repeating: .empty)
  /// Whether the device shows a certificate in place of a token.
  public private(set) var usesCertificate = false

  public var host: Region { parts[0] }
  public var device: Region { parts[1] }
  public var module: Region { parts[2] }
  /// Base64 text.
  public var key: Region { parts[3] }
  public var gateway: Region { parts[4] }

  /// Where the device connects: its gateway, or the hub.
  public var peer: Region { gateway.count > 0 ? gateway : host }

  /// The names that are known: of the parts, then of what is no part.
  private static var names: StaticString {
    "HostName;DeviceId;ModuleId;SharedAccessKey;GatewayHostName;x509;SharedAccessKeyName;"
  }

  /// The parts of a connection string: `HostName=…;DeviceId=…;SharedAccessKey=…`, with `ModuleId`, `GatewayHostName`,
  /// and `x509=true` in place of the key. Parts of `text`, which must outlive the identity. Without a key when something
  /// else signs.
  public init(connectionString text: Region, signsElsewhere: Bool = false) throws(Failure) {
    var start = 0
    while start < text.count {
      let end = text.bytes.first(";", from: start)
      let equals = text.bytes.first("=", from: start)
      guard equals > start && equals &+ 1 < end else { throw .connectionStringItem }
      let value = text.part(equals &+ 1, end &- equals &- 1)
      let index = Identity.index(of: text.part(start, equals &- start).bytes)
      if index < 5 {
        guard parts[index].count == 0 else { throw .connectionStringDuplicate }
        parts[index] = value
      } else if index == 5 {
        guard !usesCertificate else { throw .connectionStringDuplicate }
        guard value.equals("true") || value.equals("True") else { throw .connectionStringCredential }
        usesCertificate = true
      } else {
        throw index == 6 ? .connectionStringPolicy : .connectionStringKey
      }
      start = end &+ 1
    }
    guard host.consists(of: "-.", atMost: 253) else { throw .connectionStringHost }
    guard device.consists(of: identifierMarks, atMost: 128) else { throw .connectionStringDevice }
    guard module.count == 0 || module.consists(of: identifierMarks, atMost: 128) else { throw .connectionStringModule }
    guard gateway.count == 0 || gateway.consists(of: "-.", atMost: 253) else { throw .connectionStringGateway }
    if key.count > 0 {
      guard !usesCertificate else { throw .connectionStringCredential }
      guard key.isSecret else { throw .connectionStringSecret }
    } else {
      guard usesCertificate || signsElsewhere else { throw .connectionStringCredential }
    }
  }

  /// Where a name is among ``names``, or 7.
  private static func index(of name: Span<UInt8>) -> Int {
    let names = Identity.names.bytes
    var index = 0
    var start = 0
    while start < names.count {
      let end = names.first(";", from: start)
      if names.extracting(start..<end).equals(name) { break }
      index &+= 1
      start = end &+ 1
    }
    return index
  }
}

/// What a device's or module's identifier may have besides letters and digits.
private var identifierMarks: StaticString { "-:.+%_#*?!(),=@$'" }

extension Span where Element == UInt8 {
  /// Where `character` is first, from `start` on, or the end.
  @inline(never) func first(_ character: Unicode.Scalar, from start: Int) -> Int {
    var index = start
    while index < count && self[index] != UInt8(truncatingIfNeeded: character.value) { index &+= 1 }
    return index
  }
}

extension Region {
  func equals(_ literal: StaticString) -> Bool { bytes.equals(literal.bytes) }

  /// Whether it is some letters, digits and `marks`, and no longer than `limit`.
  @inline(never) fileprivate func consists(of marks: StaticString, atMost limit: Int) -> Bool {
    guard count > 0 && count <= limit else { return false }
    for offset in 0..<count {
      let byte = self[offset]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if letter < 26 || byte &- UInt8(ascii: "0") < 10 { continue }
      let marks = marks.bytes
      var place = 0
      while place < marks.count && marks[place] != byte { place &+= 1 }
      if place == marks.count { return false }
    }
    return true
  }
}
