public import MoteBytes

/// An MQTT 3.1.1 session, sans-IO: requests and received bytes go in, events and bytes to send come out, and the
/// time is told. It outlives connections: what has not been acknowledged is sent again over the next.
///
/// Its four verbs: ``space``, ``received(_:)`` for what came; ``transmission(now:)``, ``sent(_:now:)`` for what
/// leaves; ``next(_:now:)`` for events; ``deadline`` for time.
public struct Session: ~Copyable {
  enum Phase: UInt8 {
    case idle
    /// CONNECT leaves, or CONNACK is awaited.
    case greeting
    case connected
    /// DISCONNECT is to leave.
    case closing
    /// DISCONNECT has left.
    case closed
  }

  // The small ones are in front and together: processors reach them there with shorter instructions, and clear neighbours
  // at once.
  var phase = Phase.idle
  var cleanSession = false
  /// Whether the server kept the session, so that what left before goes again with DUP, else as new (4.4).
  var isResumed = false
  /// Whether DISCONNECT waits until nothing is in flight.
  var isDraining = false
  var transmitter = Transmitter()
  package var outbox = Outbox()
  var inbound = Inbound()

  /// When PINGREQ is due: keep-alive (3.1.2.10) counts from the last packet that left and has to be answered. Others leave
  /// a dead connection unnoticed.
  var pingDue = UInt64.max
  /// When the oldest packet in flight should have been acknowledged, or any before it.
  var acknowledgementDue = UInt64.max
  /// When CONNACK or PINGRESP is overdue; 0 when neither is awaited.
  var overdue: UInt64 = 0

  var inFlight = 0
  var lastIdentifier = 0
  /// The outbox that the packet refused last would have needed.
  public internal(set) var needed = 0
  var pieces = Pieces()
  var deliveries = Deliveries()
  /// When the outbox is to be looked through: a message expires, or one that was dropped is to be told. In units of
  /// 1,024 ms.
  var due: UInt32 = 0
  /// The last unit of now that it was told.
  package internal(set) var latest: UInt32 = 0
  /// How many entries were dropped and are not removed yet.
  var untold = 0
  /// How many messages were dropped or have expired, at either quality of service.
  public internal(set) var dropped: UInt32 = 0
  /// How many messages have left again.
  public internal(set) var resent: UInt32 = 0
  var keeper: Keeper?

  /// Most packets in flight unacknowledged.
  private(set) var window = 0
  private var keepAliveSeconds = 0
  /// The same in milliseconds.
  private(set) var keepAlive: UInt64 = 0
  /// How long CONNACK, PINGRESP and an acknowledgement may take, in milliseconds.
  public private(set) var patience: UInt64 = 0
  private(set) var whenFull = WhenFull.refuses

  /// A session that is not connected, over the caller's memory.
  public init(_ memory: MQTTMemory) {
    precondition(memory.isValid)
    self.init()
    use(memory)
  }

  /// A session without memory: every request is too large for it.
  package init() {}

  /// Gives a session without memory some that has been checked.
  package mutating func use(_ memory: MQTTMemory) {
    outbox.region = memory.outbox
    inbound.region = memory.receiving
    window = memory.window
    keepAliveSeconds = memory.keepAliveSeconds
    keepAlive = UInt64(widened: UInt(bitPattern: memory.keepAliveSeconds &* 1_000))
    patience = UInt64(widened: UInt(memory.response))
    whenFull = memory.whenFull
  }

  // MARK: Connecting

  /// Starts CONNECT. What follows goes to the writer, in this order: client identifier, will topic and will
  /// payload, user name, password, each as a field (3.1.3).
  ///
  /// CONNECT lives in the receive buffer while it leaves, since nothing can come before it has.
  public mutating func composeConnect(_ flags: ConnectFlags) -> Writer {
    // Within a connection the buffer holds what was received, and nothing fits.
    var writer = Writer(phase == .idle ? inbound.region : .empty, from: fixedHeaderRoom)
    writer.appendField(("MQTT" as StaticString).bytes)
    writer.append(4)
    writer.append(flags.rawValue)
    writer.append16(keepAliveSeconds)
    return writer
  }

  /// Begins a connection with what the writer of ``composeConnect(_:)`` holds.
  public mutating func connect(_ writer: Writer, _ flags: ConnectFlags, now: UInt64) throws(Failure) {
    guard phase == .idle else { throw .state }
    guard writer.fits else {
      discardConnect()
      throw .tooLarge
    }
    let start = inbound.region.setFixedHeader(
      0x10, remainingLength: writer.count &- fixedHeaderRoom, before: fixedHeaderRoom)
    transmitter = Transmitter(.connect, from: start, to: writer.count)
    cleanSession = flags.contains(.cleanSession)
    phase = .greeting
    overdue = now &+ patience
  }

  /// Wipes a CONNECT that was composed and will not leave, since it may hold a password.
  public mutating func discardConnect() {
    guard phase == .idle else { return }
    Transmitter(.connect, from: 0, to: inbound.region.count).wipe(inbound.region)
  }

  /// Asks for DISCONNECT (3.14) to leave after what has begun to leave; `draining`: when nothing is in flight any more.
  public mutating func disconnect(draining: Bool = false) throws(Failure) {
    guard phase == .connected || phase == .closing && isDraining else { throw .state }
    phase = .closing
    isDraining = draining
  }

  /// Whether DISCONNECT has left, so that the transport can be closed.
  public var hasLeft: Bool { phase == .closed }

  /// Whether CONNACK has come, and DISCONNECT has not been asked for.
  public var isConnected: Bool { phase == .connected }

  /// Tells that the transport is gone. Messages stay, but for fleeting ones; subscriptions that were not acknowledged are forgotten, and
  /// acknowledgements that are owed too, since the server sends those messages again.
  public mutating func lost() {
    phase = .idle
    overdue = 0
    pingDue = .max
    acknowledgementDue = .max
    inFlight = 0
    if transmitter.kind == .entry {
      let entry = Outbox.Entry(outbox.region, at: outbox.cursor)
      // What has begun to leave is repeated with DUP (3.3.1.1), or dropped at quality of service 0.
      if entry.identifier == 0 {
        outbox.separate(Int(transmitter.first), left: transmitter.start &- Int(transmitter.first))
      } else if transmitter.start != entry.start &- entry.offset {
        entry.markSent(in: outbox.region)
      }
    }
    transmitter.wipe(inbound.region)
    transmitter = Transmitter()
    pieces.rewind()
    inbound.reset()
    deliveries.reset()
    var offset = outbox.head
    while offset < outbox.tail {
      let entry = Outbox.Entry(outbox.region, at: offset)
      if entry.isDropped || outbox.packetType(entry) == PacketType.publish && !entry.isFleeting {
        offset = entry.end
      } else {
        outbox.remove(entry)
        offset = max(offset, outbox.head)
      }
    }
    outbox.cursor = outbox.head
    // What could not expire while it was leaving can now.
    due = 0
  }

  // MARK: Time

  /// When ``next(_:now:)`` and ``transmission(now:)`` have something to do though nothing came: PINGREQ to send, or
  /// an answer overdue. While something else leaves, PINGREQ has no time: it could not leave then.
  public var deadline: UInt64 {
    mutating get {
      if goesOn { return 0 }
      let answer = overdue != 0 ? overdue : phase == .connected && transmitter.kind == .none ? pingDue : .max
      return min(answer, acknowledgementDue)
    }
  }

  /// Whether a message that came and had to wait for the acknowledgement of others has to no more.
  package var goesOn: Bool { mutating get { deliveries.isBlocking && !deliveries.isFull } }

  /// Whether it was given memory.
  public var isUsable: Bool { window > 0 }
}
