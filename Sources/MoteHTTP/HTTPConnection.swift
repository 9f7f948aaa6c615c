public import MoteBytes

/// One connection of HTTP/1.1, sans-IO: one request at a time, and its response. Its verbs are those of an MQTT session:
/// ``space()``, ``received(_:)`` for what came; ``transmission``, ``sent(_:)`` for what leaves; ``next(_:)`` for events. The
/// time it leaves to its user, who alone knows how long an answer may take.
public struct HTTPConnection: ~Copyable {
  let receiving: Region
  let sending: Region

  /// What is left to be sent of what stands in `sending`.
  private var leaving = Region.empty
  /// What is left of a body that is at hand.
  private var body = Region.empty
  /// What is still to be asked for, of a body that comes in pieces.
  private var wantedCount = 0
  private var bodyCount = 0

  var response = Response()

  /// A connection without a request, over the caller's memory.
  public init(_ memory: HTTPMemory) {
    precondition(memory.isValid)
    receiving = memory.receiving
    sending = memory.sending
  }

  /// Begins anew, with a new transport.
  public mutating func reset() {
    wipe(leaving.count)
    body = .empty
    wantedCount = 0
    response = Response()
  }

  // MARK: The request

  /// Whether a request may begin.
  public var isReady: Bool {
    mutating get { response.stage == .idle && !response.closes }
  }

  /// Whether something is left to be sent, or to be asked for.
  private var isLeaving: Bool { leaving.count > 0 || body.count > 0 || wantedCount > 0 }

  /// Begins a request in the send buffer. While another is under way, nothing fits.
  public mutating func compose(_ method: Span<UInt8>) -> RequestWriter {
    RequestWriter(isReady ? sending : .empty, method: method)
  }

  /// Sends a request with a body that is at hand: it is borrowed until the response is complete. Or with one of `pieces` bytes,
  /// that is asked for in pieces: see ``wanted``.
  @inline(never)
  public mutating func send(
    _ request: consuming RequestWriter, body: Region = .empty, pieces: Int = 0
  ) throws(Failure) {
    guard pieces >= 0 else { throw .argument }
    guard isReady else { throw .state }
    // A response to nothing is on its way: it would be taken for the answer to this.
    guard response.start == response.end else { throw .httpUnexpected }
    bodyCount = pieces &+ body.count
    request.end(length: bodyCount)
    leaving = sending.part(0, min(request.writer.count, sending.count))
    guard request.writer.fits && !request.isRefused else {
      wipe(leaving.count)
      throw request.isRefused ? .httpField : .httpTooLarge
    }
    response.isHead = request.isHead
    response.stage = .request
    wantedCount = pieces
    // What fits leaves with the head, and needs no record of its own.
    if body.count <= sending.count &- leaving.count {
      append(body)
    } else {
      self.body = body
    }
  }

  /// Takes the first bytes of a body that comes in pieces, as many as fit behind the head, so that they leave with it. How many;
  /// 0 when anything has left.
  public mutating func join(_ bytes: Region) -> Int {
    guard response.stage == .request else { return 0 }
    let count = min(min(bytes.count, wantedCount), sending.count &- leaving.count)
    append(bytes.part(0, count))
    wantedCount &-= count
    return count
  }

  /// Appends to what leaves, of which nothing has left.
  @inline(never) private mutating func append(_ bytes: Region) {
    sending.copy(bytes.bytes, to: leaving.count)
    leaving = sending.part(0, leaving.count &+ bytes.count)
  }

  /// Whether a piece of the body is wanted: where its bytes go, and where in the body they start.
  public var wanted: (room: Region, offset: Int)? {
    mutating get {
      guard leaving.count == 0 && wantedCount > 0 else { return nil }
      return (sending.part(0, min(sending.count, wantedCount)), bodyCount &- wantedCount)
    }
  }

  /// How many bytes have been written of a body that comes in pieces.
  public var passed: Int { bodyCount &- wantedCount }

  /// Says that the first `count` bytes of the room of ``wanted`` have been written.
  public mutating func supplied(_ count: Int) throws(Failure) {
    guard let wanted, count >= 0 && count <= wanted.room.count else { throw .state }
    wantedCount &-= count
    leaving = wanted.room.part(0, count)
  }

  /// The bytes to be sent next; none when there are none.
  public var transmission: Region {
    @inline(never) mutating get { leaving.count > 0 ? leaving : body }
  }

  /// Whether so many bytes of the transmission can have left.
  public mutating func canHaveSent(_ count: Int) -> Bool { count >= 0 && count <= transmission.count }

  /// Says that the first `count` bytes of the transmission were taken by the transport.
  public mutating func sent(_ count: Int) {
    if response.stage == .request && count > 0 { response.begin() }
    if leaving.count > 0 {
      wipe(count)
    } else {
      body = body.part(count, body.count &- count)
    }
  }

  /// Wipes the first bytes of what leaves, which have left, or will not: there may be a token in them.
  @inline(never) private mutating func wipe(_ count: Int) {
    var offset = 0
    while offset < count {
      leaving[offset] = 0
      offset &+= 1
    }
    leaving = leaving.part(count, leaving.count &- count)
  }

  // MARK: The response

  /// Where to receive to; empty: take the events first.
  public mutating func space() -> Region { response.space(receiving) }

  /// Whether so many bytes can have been received.
  public mutating func canHaveReceived(_ count: Int) -> Bool { count >= 0 && count <= receiving.count &- response.end }

  /// Says that `count` bytes were received to ``space()``.
  public mutating func received(_ count: Int) {
    precondition(canHaveReceived(count))
    response.end &+= count
  }

  /// Says that the server will send no more.
  public mutating func closed() {
    response.isEnded = true
    response.closes = true
  }

  /// Takes the next event; false: there is none. Throws when the server broke the protocol, and the connection is of no more use.
  public mutating func next(_ event: inout HTTPEvent) throws(Failure) -> Bool {
    event.kind = .none
    try response.next(&event, receiving)
    if event.kind == .complete {
      // A server that answers before it has the whole request takes no other after it.
      if isLeaving { response.closes = true }
      event.keepsConnection = isReady
    }
    return event.kind != .none
  }
}
