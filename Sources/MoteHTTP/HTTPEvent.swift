public import MoteBytes

/// What a connection has to tell. Its regions are parts of the receive buffer and hold what they say until the connection's
/// next call: of headers and bodies only what the application keeps is kept.
public struct HTTPEvent {
  /// The numbers are those of mote.h.
  public enum Kind: UInt8, Sendable {
    case none
    /// The response has begun: ``HTTPEvent/status``. Interim ones (1xx) are not told.
    case response
    /// ``HTTPEvent/name`` and ``HTTPEvent/value``.
    case header
    /// The header ``HTTPEvent/name`` is longer than the receive buffer, and was passed over.
    case skipped
    /// ``HTTPEvent/piece`` of the body.
    case body
    /// The response is complete; ``HTTPEvent/keepsConnection`` says whether another request may follow on the connection.
    case complete
  }

  public var kind = Kind.none
  public var keepsConnection = false
  /// 200 to 999.
  public var status: Int32 = 0
  /// As the server wrote it: compare with `equalsIgnoringCase`.
  public var name = Region.empty
  /// Without the white space around it.
  public var value = Region.empty
  public var piece = Region.empty
  /// Where ``piece`` starts in the body.
  public var offset = 0
  /// Length of the body, or -1.
  var length = -1
  /// The same; nil when the server does not say it beforehand.
  public var total: Int? { @inline(__always) get { length < 0 ? nil : length } }

  /// An event to be filled in.
  public init() {}
}
