public import MoteBytes

/// What a session has to tell. Its regions are parts of the receive buffer and hold what they say until the
/// session's next call.
public struct Event {
  public enum Kind: UInt8, Sendable {
    case none
    /// CONNACK accepted; ``Event/sessionPresent`` says whether the server kept the session.
    case connected
    /// A message, or a piece of one.
    case message
    /// The message ``Event/token`` was acknowledged.
    case acknowledged
    /// SUBACK for ``Event/token``: ``Event/payload`` holds a return code for each filter.
    case subscribed
    /// UNSUBACK for ``Event/token``.
    case unsubscribed
    /// The message whose pieces came so far will not be completed.
    case aborted
    /// A message whose topic does not fit the receive buffer was acknowledged and skipped.
    case skipped
    /// The message ``Event/token`` made way for another in a full outbox.
    case dropped
    /// The message ``Event/token`` did not leave in its time.
    case expired
  }

  public var kind = Kind.none
  public var flags: MessageFlags = .none
  public var sessionPresent = false
  /// What publishing or subscribing returned; for a message, what accepting it takes.
  public var token = 0
  /// With the first piece of a message only.
  public var topic = Region.empty
  public var payload = Region.empty
  /// Length of the topic, also when it does not fit.
  public var topicCount = 0
  /// Where ``payload`` starts in the message's payload.
  public var offset = 0
  /// Length of the message's payload.
  public var total = 0

  /// An event to be filled in.
  public init() {}

  /// Whether this piece ends its message.
  public var isComplete: Bool { offset &+ payload.count == total }
}
