import MoteBytes
import MoteMQTT

/// A session, and what must be true of it: a model that knows only what was stored, what left and what was told.
final class SessionModel {
  enum Phase { case idle, greeting, connected, closing, closed }

  /// A packet that is stored: a message, or a request with so many filters.
  struct Stored {
    enum Kind { case message, subscribe, unsubscribe }
    var kind = Kind.message
    var number = 0
    var identifier: Int
    var topicCount = 0
    var payloadCount = 0
    var filters = 0
    var isRetained = false
    var isSourced = false
    /// When it expires; 0: never.
    var expires: UInt64 = 0
    /// Whether it has begun to leave in any connection, whether it is offered in this one, and whether it has wholly left.
    var attempted = false
    var isLeaving = false
    var hasLeft = false
    /// How it was dropped, while that is not told.
    var end = Event.Kind.none

    /// Whether it waits to leave.
    var isWaiting: Bool { !hasLeft && end == .none }
  }

  /// A message that came at quality of service 1 and has not been acknowledged.
  struct Arrival {
    enum State { case fresh, held, accepted }
    var token: Int
    var state = State.fresh
  }

  let receiving: Buffer
  let outbox: Buffer
  let window: Int
  let keepAlive: UInt64
  let patience: UInt64 = 30_000
  let whenFull: WhenFull
  var session: Session
  var now: UInt64 = 1
  var event = Event()

  var phase = Phase.idle
  var isClean = false
  /// Whether the server kept the session.
  var isResumed = false
  /// Whether something came in this connection that an honest server does not send.
  var isHostile = false
  /// Whether CONNACK has come or is on its way.
  var isGreeted = false
  /// What the server has sent and the client has not received.
  var incoming: [UInt8] = []
  /// How many of the bytes that are offered have not left.
  var pending = 0
  /// What has left and is no packet yet.
  var partial: [UInt8] = []
  /// When something left last that has to be answered.
  var lastAsked: UInt64 = 0
  /// When that packet began to leave: the phase, and whether DISCONNECT had to wait.
  var phaseBefore = Phase.idle
  var owedBefore = false
  /// Whether DISCONNECT waits until nothing is in flight.
  var isDraining = false

  var stored: [Stored] = []
  var messages = 0
  /// How many were dropped or have expired.
  var dropped = 0
  /// How long messages may wait from now on, in milliseconds; 0: for ever.
  var life: UInt64 = 0
  /// How much of the payload that comes in pieces was supplied in this connection.
  var supplied = 0
  var arrivals: [Arrival] = []
  /// Messages that were skipped, each of which may owe an acknowledgement that no event shows.
  var skipped = 0
  /// The message that is told in pieces: where the next starts, and its length.
  var open: (offset: Int, total: Int)?
  /// Whether its end is to be told as aborted.
  var isAborting = false

  init(receive: Int, outbox size: Int, window: Int, keepAliveSeconds: Int, whenFull: WhenFull) {
    receiving = Buffer(receive)
    outbox = Buffer(size)
    self.window = window
    self.whenFull = whenFull
    keepAlive = UInt64(keepAliveSeconds) * 1_000
    var memory = MQTTMemory(receiving: receiving.region, outbox: outbox.region)
    memory.window = window
    memory.keepAliveSeconds = keepAliveSeconds
    memory.response = UInt32(patience)
    memory.whenFull = whenFull
    session = Session(memory)
  }

  static func topic(_ number: Int, _ count: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(ascii: "a") + UInt8(number % 26), count: count)
  }

  static func byte(_ number: Int, _ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: number &* 31 &+ offset &* 7 ^ offset >> 8)
  }

  // MARK: A connection

  func connect(clean: Bool) {
    let flags: ConnectFlags = clean ? .userName | .password | .cleanSession : .userName | .password
    var writer = session.composeConnect(flags)
    for field in ["c", "user", "password"] { writer.appendField(Array(field.utf8).span) }
    let before = phase
    let status = status { () throws(Failure) in try session.connect(writer, flags, now: now) }
    demand(status == (before == .idle ? nil : .state), "connecting: \(String(describing: status)) while \(before)")
    if before != .idle { return }
    phase = .greeting
    incoming = []
    isClean = clean
    isHostile = false
    isGreeted = false
  }

  func lose() {
    session.lost()
    phase = .idle
    isAborting = open != nil
    incoming = []
    arrivals = []
    skipped = 0
    supplied = 0
    pending = 0
    if let first = partial.first, first >> 4 == 3, let place = stored.firstIndex(where: \.isWaiting) {
      // What has begun to leave leaves again as such, or is lost at quality of service 0.
      if stored[place].identifier == 0 { stored.remove(at: place) } else { stored[place].attempted = true }
    }
    partial = []
    stored.removeAll { $0.kind != .message }
    for place in stored.indices {
      stored[place].isLeaving = false
      stored[place].hasLeft = false
    }
    demand(session.deadline == .max && session.wanted == nil, "something to do without a connection")
    demand(session.transmission(now: now).count == 0 && session.space().count == 0, "bytes without a connection")
  }

  func disconnect(draining: Bool) {
    let isPossible = phase == .connected || phase == .closing && isDraining
    let status = status { () throws(Failure) in try session.disconnect(draining: draining) }
    demand(status == (isPossible ? nil : .state), "disconnecting while \(phase)")
    if !isPossible { return }
    phase = .closing
    isDraining = draining
  }

  // MARK: What leaves

  /// Takes at most `most` bytes of what is to leave. Whether there were any.
  @discardableResult func transmit(_ most: Int) -> Bool {
    let isBegun = pending > 0 || stored.contains { $0.isLeaving && $0.isWaiting }
    let region = session.transmission(now: now)
    if session.dropped != dropped { expire() }
    demand(receiving.holds(region) || outbox.holds(region), "what leaves is not in a buffer")
    if region.count == 0 { return false }
    demand(phase != .idle && phase != .closed, "bytes leave while \(phase)")
    let bytes = region.array
    demand(session.transmission(now: now).array == bytes, "other bytes when asked again")
    if !isBegun { offered(bytes) }
    if partial.isEmpty {
      phaseBefore = phase
      owedBefore = arrivals.first?.state == .accepted || isDraining && stored.contains(where: \.hasLeft)
    }
    let count = min(most, bytes.count)
    partial += bytes.prefix(count)
    session.sent(count, now: now)
    pending = bytes.count - count
    let (packets, rest) = parse(partial)
    partial = rest
    for packet in packets { left(packet) }
    return true
  }

  /// Gives at most `most` bytes of the payload that is wanted. Whether it was.
  @discardableResult func supply(_ most: Int) -> Bool {
    guard let wanted = session.wanted else {
      demand(status { () throws(Failure) in try session.supplied(0) } == .state, "supplied what nobody wants")
      return false
    }
    guard let next = stored.first(where: \.isWaiting), next.isSourced else { fatalError("wanted out of turn") }
    demand(outbox.holds(wanted.room) && wanted.room.count > 0, "room outside the outbox")
    demand(wanted.offset == supplied, "wants \(wanted.offset) after \(supplied)")
    demand(supplied + wanted.room.count <= next.payloadCount, "wants more than its length")
    let count = min(most, wanted.room.count)
    for offset in 0..<count { wanted.room[offset] = SessionModel.byte(next.number, supplied + offset) }
    demand(status { () throws(Failure) in try session.supplied(count) } == nil, "not supplied")
    supplied += count
    return true
  }

  /// How `action` failed.
  func status(_ action: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
      try action()
      return nil
    } catch {
      return error
    }
  }
}
