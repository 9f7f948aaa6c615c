// MoteProxy: the way to a server by way of another: HTTP CONNECT (RFC 9110, 9.3.6) with Basic credentials (RFC 7617), and SOCKS5
// (RFC 1928) without credentials or with them (RFC 1929). The proxy looks the server's name up.

public import MoteBytes

/// What a proxy is asked and what it answers, without I/O: ``ask(_:)`` until there is nothing more, then ``answer(_:)``, until it
/// is open.
public struct Proxy {
  public enum Kind: Int32, Sendable {
    case http
    case socks5
  }

  /// Where it stands: a message that leaves, then its answer.
  enum Stage: UInt8 {
    /// HTTP's only one; SOCKS5's offer of methods.
    case greeting
    case credentials
    case request
  }

  let kind: Kind
  /// Borrowed: who asks. A user name that is empty is none.
  let user: Region
  let password: Region
  /// Borrowed for a connection: whom to reach.
  var target = Region.empty
  var portNumber: UInt16 = 0

  var stage = Stage.greeting
  /// How much of the stage's message has left.
  private var sent = 0
  /// Whether all of it has, so that the answer is awaited.
  public private(set) var isAsked = false
  /// Bytes of the answer so far, and of its line; its status, and what else of it tells where it ends.
  var answerCount = 0
  var lineCount = 0
  var status: UInt16 = 0
  var length = 0

  /// A proxy that wants credentials, or an empty user name. Nil for those that the protocol cannot carry: 255 bytes each for
  /// SOCKS5, and no colon in the user name for HTTP.
  public init?(_ kind: Kind, user: Region, password: Region) {
    switch kind {
    case .http: if user.hasColon { return nil }
    case .socks5: guard user.count < 256 && password.count < 256 else { return nil }
    }
    self.kind = kind
    self.user = user
    self.password = password
  }

  /// Begins anew. False for a name that cannot stand in a request: empty, longer than 255, or with a space or what is not ASCII.
  public mutating func start(_ target: Region, portNumber: UInt16) -> Bool {
    guard target.count > 0 && target.count < 256 else { return false }
    for place in target.bytes.indices where target[place] &- 0x21 >= 0x5E { return false }
    self.target = target
    self.portNumber = portNumber
    enter(.greeting)
    return true
  }

  @inline(never) mutating func enter(_ stage: Stage) {
    self.stage = stage
    sent = 0
    isAsked = false
    answerCount = 0
    lineCount = 0
    status = 0
    length = 0
  }

  /// Writes as much of what is to be sent next as has room: how many bytes, 0 when all have left, so that it ``isAsked``. They are
  /// written again until they were ``asked(_:)``.
  public mutating func ask(_ room: Region) -> Int {
    var message = Window(room, at: 0 &- sent)
    switch kind {
    case .http: writeRequest(&message)
    case .socks5: writeSOCKS(&message)
    }
    isAsked = message.place == 0
    return min(message.place, room.count)
  }

  /// Says that `count` of them have left.
  public mutating func asked(_ count: Int) { sent &+= count }

  /// Takes the next byte of an answer. True when the way is open; when ``isAsked`` is no more, there is something to ask first.
  public mutating func answer(_ byte: UInt8) throws(Failure) -> Bool {
    answerCount &+= 1
    return switch kind {
    case .http: try answerHTTP(byte)
    case .socks5: try answerSOCKS(byte)
    }
  }
}

/// How a proxy says no: MOTE_ERROR_PROXY_* of mote.h.
extension Failure {
  /// It wants other credentials, or some.
  public static var proxyCredentials: Self { Self(-30) }
  /// It does not let anybody reach the server.
  public static var proxyForbidden: Self { Self(-31) }
  /// It cannot reach the server itself.
  public static var proxyUnreachable: Self { Self(-32) }
  /// It refuses for another reason.
  public static var proxyRefused: Self { Self(-33) }
  /// What it answers is none of its protocol.
  public static var proxyAnswer: Self { Self(-34) }
}

extension Region {
  @inline(never) var hasColon: Bool {
    for place in bytes.indices where self[place] == UInt8(ascii: ":") { return true }
    return false
  }
}
