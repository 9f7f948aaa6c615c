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
  /// What the device is made of, and its IoT Plug and Play model (`dtmi:…`), for the hub to know. Empty: it is not told.
  public var product = Region.empty
  public var model = Region.empty
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
  @inline(never) public init(connectionString text: Region, signsElsewhere: Bool = false) throws(Failure) {
    try read(text, signsElsewhere: signsElsewhere)
  }

  /// Takes the parts of `text`, and checks them. Apart from the initialiser, whose errors cost more.
  @inline(never) private mutating func read(_ text: Region, signsElsewhere: Bool) throws(Failure) {
    var start = 0
    while start < text.count {
      let end = text.bytes.first(UInt8(ascii: ";"), from: start)
      let equals = text.bytes.first(UInt8(ascii: "="), from: start)
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
    guard host.isName(ofHost: true) else { throw .connectionStringHost }
    guard device.isName(ofHost: false) else { throw .connectionStringDevice }
    guard module.count == 0 || module.isName(ofHost: false) else { throw .connectionStringModule }
    guard gateway.count == 0 || gateway.isName(ofHost: true) else { throw .connectionStringGateway }
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
      let end = names.first(UInt8(ascii: ";"), from: start)
      if names.extracting(start..<end).equals(name) { break }
      index &+= 1
      start = end &+ 1
    }
    return index
  }
}

extension Span where Element == UInt8 {
  /// Where `character` is first, from `start` on, or the end.
  @inline(never) package func first(_ character: UInt8, from start: Int) -> Int {
    var index = start
    while index < count && self[index] != character { index &+= 1 }
    return index
  }
}

extension Region {
  @inline(never) func equals(_ literal: StaticString) -> Bool { bytes.equals(literal.bytes) }

  /// Whether it can be the name of a host, or a device's or module's identifier.
  @inline(never) func isName(ofHost isHost: Bool) -> Bool {
    guard count > 0 && count <= (isHost ? 253 : 128) else { return false }
    // What there may be besides letters and digits, first those of both.
    let marks = ("-.:+%_#*?!(),=@$'" as StaticString).bytes
    let limit = isHost ? 2 : marks.count
    for offset in 0..<count {
      let byte = self[offset]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if letter < 26 || byte &- UInt8(ascii: "0") < 10 { continue }
      if marks.first(byte, from: 0) >= limit { return false }
    }
    return true
  }
}
