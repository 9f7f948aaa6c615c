public import MoteBytes
public import MoteHub
public import MoteMQTT
public import MoteTLS
public import MoteTransport

/// A device of IoT Hub: one state machine from the connection string to cloud-to-device messages, run by
/// ``poll(now:_:)``. It never blocks. A connection that is lost is told, and made anew after a while; messages at least
/// once stay in the outbox for it.
public struct DeviceClient: ~Copyable {
  /// Limits of a client, in milliseconds unless they say otherwise.
  public struct Options {
    /// Before it is over, the connection is made anew with another.
    public var tokenSeconds: UInt32 = 3_600
    public var backoff = Backoff.Limits()
    /// For name, TCP and TLS.
    public var patience = Transport.Patience()
    /// For a payload source that has nothing.
    public var source: UInt32 = 30_000
    /// Whether it subscribes to cloud-to-device messages.
    public var receivesMessages = false

    public init() {}
  }

  // The session first, since short instructions reach 124 bytes from the start. Then what begins as zeros, then as ones: the
  // compiler fills each at once.
  var session = Session()
  let receivesMessages: Bool
  /// Whether the message whose pieces come is for nobody here.
  var isForeign = false
  /// Whether it speaks HTTPS, where twin and methods are not to be had.
  package internal(set) var isHTTPS = false

  var source: PayloadSource?
  var features = Features()
  /// Packet identifier of the SUBSCRIBE that is awaited; 0 before it is stored.
  var subscription = 0
  /// The token of a message that failed, to be told before anything else; 0 for none.
  var failedToken = 0
  /// Why it failed.
  var failedStatus: Int32 = 0
  /// How the last connection ended.
  public internal(set) var lastError: (status: Int32, libraryCode: Int32, step: Step) = (0, 0, .idle)
  public internal(set) var step = Step.idle
  /// Why it leaves.
  var departure = Departure.none
  /// Whether it is to be told that the connection has ended.
  var hasEnded = false
  /// When the hub accepted the client; 0 while it has not.
  var acceptedAt: UInt64 = 0
  /// Since when there has been no connection.
  var gapStart: UInt64 = 0
  /// What it counts itself.
  var counted = Statistics()

  /// When the step has taken too long.
  var overdue = UInt64.max
  /// When to connect, while waiting.
  var nextAttempt = UInt64.max
  /// When the token has to be renewed.
  var renewal = UInt64.max
  var sourceOverdue = UInt64.max
  /// When bytes have waited too long to be sent.
  var sendOverdue = UInt64.max

  var transport: Transport
  public private(set) var identity: Identity
  let signer: Signer
  let tokenSeconds: UInt32
  let sourcePatience: UInt32
  var backoff: Backoff

  /// What it and its session have counted.
  public var statistics: Statistics {
    mutating get {
      counted.size = MemoryLayout<Statistics>.size
      counted.resent = session.resent
      counted.dropped = session.dropped
      return counted
    }
  }

  /// A client that is not connected. It connects to `endpoint`, or when that is empty to the identity's own peer; to port
  /// `portNumber`, or when that is 0 to the protocol's own.
  public init(
    _ identity: Identity, signer: Signer, port: Port, tls: TLS, endpoint: Region, portNumber: UInt16, options: Options
  ) {
    self.identity = identity
    self.signer = signer
    tokenSeconds = options.tokenSeconds
    receivesMessages = options.receivesMessages
    sourcePatience = options.source
    backoff = Backoff(options.backoff)
    let host = endpoint.count > 0 ? endpoint : identity.peer
    transport = Transport(port, tls, host: host, portNumber: portNumber, patience: options.patience)
  }

  /// Makes the client speak MQTT over TLS (port 8883). Once, before connecting.
  public mutating func use(_ memory: MQTTMemory) throws(Failure) { try use(memory, portNumber: 8_883) }

  /// Gives the session its memory. Once; `portNumber` is the protocol's own.
  mutating func use(_ memory: MQTTMemory, portNumber: UInt16) throws(Failure) {
    guard !isUsable else { throw .state }
    guard memory.isValid else { throw .tooSmall }
    session.use(memory)
    if transport.portNumber == 0 { transport.portNumber = portNumber }
  }

  /// Whether a protocol was chosen.
  public var isUsable: Bool { mutating get { session.isUsable } }

  /// Tells the hub with each connection what the device is made of, and its IoT Plug and Play model (`dtmi:…`). Empty: it is
  /// not told. Both are borrowed for the client's life.
  public mutating func announce(product: Region, model: Region) {
    identity.product = product
    identity.model = model
  }

  // MARK: Messages

  /// Starts a telemetry message of at most `room` bytes, properties and payload together.
  public mutating func compose(room: Int = .max) -> TelemetryWriter {
    // The longest topic without properties, of a module.
    var writer = session.compose(room: room.saturatingSum(290))
    let origin = writer.count
    writer.appendTelemetryTopic(of: identity)
    return TelemetryWriter(writer, origin: origin)
  }

  /// Stores a message: its token, or 0 when it goes at most once. When it has not left at `expires`, it does not leave at
  /// all, or within about a second after; 0: it has time. With a `source`, its payload of `length` bytes comes from there
  /// while it leaves, and it goes at least once.
  ///
  /// Throws when it was composed before the outbox changed, or is more than the hub takes. An outbox that drops messages to
  /// make room throws ``Failure/outboxFull`` once for properties that had no room; then there is room for the same message
  /// composed again.
  public mutating func send(
    _ message: TelemetryWriter, payload: Span<UInt8>, source: PayloadSource?, length: Int, atMostOnce: Bool,
    expires: UInt64
  ) throws(Failure) -> Int {
    guard session.composition == message.origin else { throw .state }
    guard message.size.saturatingSum(length) <= 262_144 else { throw .tooLarge }
    guard let source else {
      return try session.publish(
        message.writer, payload: payload, atMostOnce ? .none : .acknowledged, expires: expires)
    }
    let token = try session.publish(message.writer, pieces: length, .acknowledged, expires: expires)
    self.source = source
    return token
  }

  /// Stores a message whose payload is at hand.
  public mutating func send(
    _ message: TelemetryWriter, payload: Span<UInt8>, atMostOnce: Bool = false, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    try send(
      message, payload: payload, source: nil, length: payload.count, atMostOnce: atMostOnce, expires: expires)
  }

  /// Stores a message whose payload comes from `source`.
  public mutating func send(
    _ message: TelemetryWriter, source: PayloadSource, length: Int, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    try send(
      message, payload: Region.empty.bytes, source: source, length: length, atMostOnce: false, expires: expires)
  }

  /// How many messages were dropped or have expired.
  public var dropped: UInt32 { mutating get { session.dropped } }

  /// The outbox that the message refused last would have needed, in bytes.
  public var sizeNeeded: Int { mutating get { session.needed } }

  /// Holds back the acknowledgement of the message that the last event completed.
  public mutating func hold() throws(Failure) { try session.hold() }

  /// Acknowledges a message that was held.
  public mutating func accept(_ token: Int) throws(Failure) { try session.accept(token) }
}

/// A telemetry message that is being written into the outbox. Its properties come before its payload. It is to be sent
/// before the client is polled again, once.
public struct TelemetryWriter {
  var writer: Writer
  private var isFirst = true
  /// Where in the outbox the message was begun.
  let origin: Int
  private let start: Int

  init(_ writer: Writer, origin: Int) {
    self.writer = writer
    self.origin = origin
    start = writer.count
  }

  /// Bytes of the properties, encoded.
  var size: Int { writer.count &- start }

  /// Adds a property, percent-encoded. System properties have names like `$.ct`.
  public mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>?) {
    writer.appendProperty(name, value, isFirst: isFirst)
    isFirst = false
  }
}
