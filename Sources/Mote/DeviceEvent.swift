// Mote: a device's client. `DeviceClient` is the one state machine that a device runs.

public import MoteBytes
public import MoteMQTT

/// What a client was doing. The numbers are those of mote.h.
public enum Step: Int32, Sendable {
  case idle
  case resolve
  case connect
  case handshake
  case greeting
  case subscribe
  case work
  case closing
  /// For the next attempt.
  case waiting
}

/// What a client has to tell. Its regions are parts of the receive buffer and hold what they say until the
/// client's next call.
public struct DeviceEvent {
  /// The numbers are those of mote.h.
  public enum Kind: Int32, Sendable {
    /// Nothing: wait as ``DeviceEvent/waitsToRead``, ``DeviceEvent/waitsToWrite`` and ``DeviceEvent/deadline`` say.
    case none
    case connected
    case disconnected
    /// The hub has the message ``DeviceEvent/token``.
    case sent
    /// The message ``DeviceEvent/token`` is dropped because of ``DeviceEvent/status``.
    case failed
    case message
    case aborted
    case skipped
    /// The twin's document, or a piece of it.
    case twin
    /// Desired properties that have changed, or a piece of them.
    case desired
    /// What became of reported properties.
    case reported
    /// A direct method, or a piece of its payload.
    case method
  }

  public var kind = Kind.none
  /// A `mote_status`: why the connection ended or the message failed; 0: as asked.
  public var status: Int32 = 0
  /// Where the connection ended.
  public var step = Step.idle
  public var flags = MessageFlags.none
  public var token = 0
  public var sessionPresent = false
  public var waitsToRead = false
  public var waitsToWrite = false
  /// When to poll again; of a lost connection, when the next attempt begins, `.max` when there is none.
  public var deadline = UInt64.max
  /// With the first piece of a message: the property bag, encoded. See ``PropertyBag``.
  public var properties = Region.empty
  public var propertiesCount = 0
  /// With the first piece of a direct method: its name, and its component, which may be empty. The topic of a message that
  /// is skipped because it is not for this device.
  public var name = Region.empty
  public var component = Region.empty
  /// Of the twin's properties.
  public var version: UInt32 = 0
  public var payload = Region.empty
  public var offset = 0
  public var total = 0

  /// An event to be filled in.
  public init() {}

  /// Whether this piece ends its message.
  public var isComplete: Bool { offset &+ payload.count == total }
}
