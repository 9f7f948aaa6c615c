import CMote
private import CMoteTLS
public import MoteBytes
public import MoteHTTP
import MoteHub
public import MoteMQTT
import MoteTLS
import MoteTransport

extension Failure {
  static var refused: Self { Self(-181) }
  static var overHTTPS: Self { Self(-182) }
  static var property: Self { Self(-210) }
  static var unavailable: Self { Self(-132) }
  static var authorisation: Self { Self(-134) }
}

/// IoT Hub over HTTPS, for a client that speaks as it does over MQTT: this stands upon TLS in the hub's place, takes the
/// session's packets, makes requests of them, and answers as the hub would. So everything but the way to the hub is the same:
/// the outbox, expiry, the journal, sources, holding a message and accepting it.
///
/// A message at quality of service 1 is a POST, and its 204 the PUBACK. What a poll brings is a message to the session, and the
/// session's PUBACK completes it. CONNECT brings the token. Nothing here holds a message: a request is written from the packet
/// as it is offered, its body passes through, and so does a response's.
@safe public struct HTTPS: ~Copyable {
  /// Limits of it.
  public struct Options {
    /// How often the hub is asked for messages, in seconds.
    public var pollSeconds: UInt32 = 1_500
    /// How long an answer may take, in milliseconds.
    public var patience: UInt32 = 30_000

    public init() {}
  }

  /// What is asked of the hub.
  enum Work: UInt8 {
    case nothing
    case message
    case poll
    case settle
  }

  /// How a message is settled.
  public enum Settlement: UInt8, Sendable {
    case nothing
    case complete
    case reject
    case abandon
  }

  // Both are found by where they are: see `make`.
  fileprivate var feature: Feature
  fileprivate var calls: TLS.Calls

  // What goes to the cloud.
  var work = Work.nothing
  /// The packet identifier of the message that is sent; 0 at most once.
  var packet = 0
  /// What is still to be offered of its payload.
  var payloadLeft = 0
  /// The message that the hub, or HTTP, does not take, and why.
  var failed: (packet: Int, status: Int32) = (0, 0)

  // What goes to the session.
  var reply: InlineArray<24, UInt8> = .init(repeating: 0)
  var replyCount = 0
  /// The head of a message from the cloud, in the send buffer, and the payload that is gathered behind it: where it is written,
  /// or what is left of it.
  var head: Writer
  var headStart = 0
  /// What is left of the piece that was received last.
  var piece = Region.empty
  var lastDelivery = 0
  /// What locks the message that the session has, as the hub calls it.
  var lock: InlineArray<64, UInt8> = .init(repeating: 0)
  var lockCount = 0
  var settlement = Settlement.nothing
  /// How the next message is settled that the session accepts.
  var wanted = Settlement.complete

  /// What a message had that did not fit and is to be told: bytes of its head, 0 for none, and of its payload.
  var skipped: (head: Int, total: Int) = (0, 0)

  // What there is to do, and what became of it. Together, since the compiler clears neighbours at once.
  /// Whether what is left of the payload goes nowhere, since the message, at most once, cannot be sent.
  var isDiscarding = false
  /// Whether the head of a message from the cloud is being written, and whether it has no property yet.
  var isHeadOpen = false
  var isFirstProperty = true
  /// Whether the answer to what is under way has taken too long.
  var isOverdue = false
  /// Whether bytes have gone either way since the last turn.
  var hasMoved = false
  /// Whether the connection has answered, and to what is under way has said nothing yet: then its end is nobody's failure, since
  /// a server may close it at any time (RFC 9112, 9.5).
  var isProven = false
  /// Whether the next poll is to be put a whole interval after now.
  var isScheduling = false
  let receives: Bool
  var isSubscribed = false
  var isPollWanted = false
  /// Whether the session has a message that was not taken, since something else was under way.
  var isWaited = false
  /// Whether the time of the next turn has to be told anew.
  var isTurnDue = false
  /// Whether the session has said goodbye.
  var hasLeft = false
  /// Whether the server has closed the connection, and nothing is to be asked.
  var isResting = false
  var status: Int32 = 0
  var problem = HubProblem()
  /// How long the hub wants to be left alone, in seconds.
  var retrySeconds: UInt32 = 0
  /// In the session's units of time.
  private var pollDue: UInt32 = 0
  private let pollInterval: UInt32
  private var answerDue: UInt32 = 0
  private let patience: UInt32

  let tls: TLS
  let identity: Identity
  let memory: HTTPMemory
  /// The platform of the connection that there is.
  private var port: UnsafePointer<mote_port>?
  var http: HTTPConnection
  /// The token stands at the end of the send buffer.
  var tokenCount = 0

  fileprivate init(_ tls: TLS, _ identity: Identity, _ memory: HTTPMemory, receives: Bool, _ options: Options) {
    self.tls = tls
    self.identity = identity
    self.memory = memory
    self.receives = receives
    http = HTTPConnection(memory)
    head = Writer(.empty)
    unsafe port = nil
    // Units are a little longer than seconds: it never asks sooner.
    pollInterval = options.pollSeconds
    patience = options.patience &>> 10 &+ 1
    // Sound: each is called with the state that it was made for, and with what TLS's own calls are called with.
    calls = unsafe TLS.Calls(
      start: { (state, port, name, length, wallSeconds) in
        unsafe of(state).pointee.start(port, name, length, wallSeconds)
      },
      handshake: { unsafe of($0).pointee.tls.step() },
      send: { (state, bytes, length, front) in
        unsafe of(state).pointee.take(Region(start: bytes.unsafelyUnwrapped, count: length))
      },
      receive: { (state, bytes, capacity) in
        unsafe of(state).pointee.give(Region(start: bytes.unsafelyUnwrapped, count: capacity))
      },
      close: { unsafe of($0).pointee.tls.close() },
      library_code: { unsafe of($0).pointee.libraryCode })
    feature = unsafe Feature { (state, client, moment, subject) in
      // Sound: it is called with the state at whose start it stands, with the client, and with what the moment says.
      let https = unsafe state.assumingMemoryBound(to: HTTPS.self)
      let client = unsafe client.assumingMemoryBound(to: DeviceClient.self)
      switch moment {
      case Moment.subscribing.rawValue:
        // Whoever subscribes to nothing is let in too.
        let filters = unsafe subject.assumingMemoryBound(to: Filters.self)
        if unsafe filters.pointee.count == 0 { unsafe filters.pointee.append("none") }
      case Moment.turn.rawValue:
        return unsafe https.pointee.turn(
          &subject.assumingMemoryBound(to: DeviceEvent.self).pointee, client.pointee.session.latest)
      case Moment.ended.rawValue: unsafe https.pointee.ended(&client.pointee)
      case Moment.settle.rawValue:
        unsafe https.pointee.wanted = subject.assumingMemoryBound(to: HTTPS.Settlement.self).pointee
        return 1
      case Moment.tracking.rawValue:
        unsafe subject.assumingMemoryBound(to: Writer.self).pointee.appendTracking(of: https.pointee.problem)
        return 1
      default: break
      }
      return 0
    }
  }

  private mutating func start(
    _ port: UnsafePointer<mote_port>?, _ name: UnsafePointer<CChar>?, _ length: Int, _ wallSeconds: Int64
  ) -> Int32 {
    guard let port = unsafe port, let name = unsafe UnsafeMutableRawPointer(mutating: name) else {
      return MOTE_ERROR_ARGUMENT
    }
    unsafe self.port = port
    problem = HubProblem()
    status = 0
    // Sound: it is used within the call.
    return unsafe tls.start(
      port, name: Region(start: name.assumingMemoryBound(to: UInt8.self), count: length),
      wallSeconds: wallSeconds)
  }

  /// What the hub calls the reason for which the connection ended, else mbedTLS's code.
  private var libraryCode: Int32 {
    problem.code != 0 ? problem.code : status != 0 ? status &* 1_000 : tls.libraryCode
  }

  /// The server has closed the connection that nothing is asked over.
  mutating func rest() {
    isResting = true
    tls.close()
    // Sound: the port is the client's, and stays as long as the connection.
    if let port = unsafe port { unsafe port.pointee.close(port.pointee.context) }
  }

  // MARK: Moments

  /// Sees to what is due. 1: there is something to tell.
  private mutating func turn(_ event: inout DeviceEvent, _ now: UInt32) -> Int32 {
    if skipped.head > 0 {
      event.kind = .skipped
      event.skippedCount = skipped.head
      event.total = skipped.total
      skipped.head = 0
      return 1
    }
    if isScheduling {
      isScheduling = false
      pollDue = now &+ min(pollInterval, .max &- now)
    }
    if receives && isSubscribed {
      if now >= pollDue {
        isPollWanted = true
      } else {
        event.deadline = min(event.deadline, UInt64(widened: UInt(pollDue)) &<< 10)
      }
    }
    if work == .nothing {
      answerDue = 0
      return 0
    }
    if answerDue == 0 || hasMoved { answerDue = now &+ patience }
    hasMoved = false
    isOverdue = now >= answerDue
    event.deadline = min(event.deadline, UInt64(widened: UInt(max(answerDue, now &+ 1))) &<< 10)
    return 0
  }

  private mutating func ended(_ client: inout DeviceClient) {
    if failed.packet != 0, (try? client.session.drop(failed.packet)) != nil {
      client.failedToken = failed.packet
      client.failedStatus = failed.status
    }
    if retrySeconds > 0 && client.nextAttempt != .max {
      let now = UInt64(widened: UInt(client.session.latest &+ 1)) &<< 10
      client.nextAttempt = max(client.nextAttempt, now &+ UInt64(widened: UInt(retrySeconds)) &* 1_000)
    }
    // Whoever has to connect anew wants to know at once.
    if client.nextAttempt == .max { pollDue = 0 }
    forget()
  }

  /// Begins anew.
  private mutating func forget() {
    http.reset()
    for offset in 0..<memory.sending.count { memory.sending[offset] = 0 }
    http = HTTPConnection(memory)
    tokenCount = 0
    work = .nothing
    payloadLeft = 0
    isDiscarding = false
    failed = (0, 0)
    replyCount = 0
    isHeadOpen = false
    head = Writer(.empty)
    headStart = 0
    piece = .empty
    // A message that was accepted is settled by the next connection: its lock does not end with this one.
    if settlement == .nothing {
      lockCount = 0
      wanted = .complete
    }
    isSubscribed = false
    isPollWanted = false
    isWaited = false
    isTurnDue = false
    hasLeft = false
    isResting = false
    isOverdue = false
    hasMoved = false
    isProven = false
    answerDue = 0
    retrySeconds = 0
  }
}

/// What a call got.
private func of(_ state: OpaquePointer?) -> UnsafeMutablePointer<HTTPS> {
  // Sound: `use` has made it of that.
  unsafe UnsafeMutablePointer(state.unsafelyUnwrapped)
}

extension DeviceClient {
  /// Makes the client speak HTTPS (port 443). Once, before connecting, and instead of MQTT. Unsafe, because `https`, which this
  /// initialises, must stay where it is as long as the client is used, which the compiler cannot see.
  @unsafe public mutating func use(
    _ https: UnsafeMutablePointer<HTTPS>, _ memory: HTTPMemory, session: MQTTMemory, _ options: HTTPS.Options
  ) throws(Failure) {
    var session = session
    // One request at a time; and nobody has to be kept awake.
    session.window = 1
    session.keepAliveSeconds = 65_535
    // What the session waits for is not overdue while it goes through a slow line: that is seen to here.
    session.response = max(options.patience, 600_000)
    guard !isUsable else { throw .state }
    guard features.isEmpty else { throw .overHTTPS }
    guard memory.isValid else { throw .argument }
    try use(session, portNumber: 443)
    isHTTPS = true
    unsafe https.initialize(to: HTTPS(transport.tls, identity, memory, receives: receivesMessages, options))
    let start = UnsafeMutableRawPointer(https)
    // Sound: the feature stands at its start, and the calls behind that.
    unsafe features.attach(start.assumingMemoryBound(to: Feature.self))
    transport.tls = unsafe TLS(
      OpaquePointer(https), (start + MemoryLayout<Feature>.stride).assumingMemoryBound(to: TLS.Calls.self))
  }

  /// Over HTTPS: says how the message is settled that is accepted next.
  public mutating func settle(_ settlement: HTTPS.Settlement) throws(Failure) {
    var settlement = settlement
    if ask(.settle, &settlement) == 0 { throw .state }
  }

  /// Over HTTPS: writes the tracking identifier of the hub's last refusal. How many bytes it has.
  public mutating func hubTracking(into room: Region) throws(Failure) -> Int {
    var writer = Writer(room)
    if ask(.tracking, &writer) == 0 { throw .state }
    return writer.count
  }
}
