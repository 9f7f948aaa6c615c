public import MoteBytes

/// One connection of HTTP/1.1, sans-IO: one request at a time, and its response. Its verbs are those of an MQTT session:
/// ``space()``, ``received(_:)`` for what came; ``transmission``, ``sent(_:)`` for what leaves; ``next(_:)`` for events. The
/// time it leaves to its user, who alone knows how long an answer may take.
///
/// What does the work is static, and the connection its first argument: Thumb's short instructions reach an argument, and not a
/// method's `self`. The methods of the same names are for Swift.
public struct HTTPConnection: ~Copyable {
  // First, where short instructions reach its bytes.
  var response = Response()

  let receiving: Region
  let sending: Region

  /// What is left to be sent of what stands in `sending`.
  private var leaving = Region.empty
  /// What is left of a body that is at hand.
  private var body = Region.empty
  /// What is still to be asked for, of a body that comes in pieces.
  private var wantedCount = 0
  private var bodyCount = 0

  /// A connection without a request, over the caller's memory.
  @inline(__always) public init(_ memory: HTTPMemory) {
    precondition(memory.isValid)
    receiving = memory.receiving
    sending = memory.sending
  }

  /// Begins anew, with a new transport.
  public mutating func reset() {
    HTTPConnection.wipe(&self, leaving.count)
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
  private var isLeaving: Bool { leaving.count | body.count | wantedCount > 0 }

  /// Begins a request in the send buffer. While another is under way, nothing fits.
  @inline(__always) public mutating func compose(_ method: Span<UInt8>) -> RequestWriter {
    RequestWriter(isReady ? sending : .empty, method: method)
  }

  /// Sends a request with a body that is at hand: it is borrowed until the response is complete. Or with one of `pieces` bytes,
  /// that is asked for in pieces: see ``wanted``.
  @inline(__always)
  public mutating func send(_ request: RequestWriter, body: Region = .empty, pieces: Int = 0) throws(Failure) {
    var request = request
    let status = HTTPConnection.send(&self, &request, body: body, pieces: pieces)
    if status != 0 { throw Failure(status) }
  }

  /// The same with a status.
  @inline(never)
  public static func send(
    _ connection: inout HTTPConnection, _ request: inout RequestWriter, body: Region, pieces: Int
  ) -> Int32 {
    guard pieces >= 0 else { return Failure.argument.code }
    guard connection.isReady else { return Failure.state.code }
    // A response to nothing is on its way: it would be taken for the answer to this.
    guard connection.response.start == connection.response.end else { return Failure.httpUnexpected.code }
    let sending = connection.sending
    // Its response has no body, whatever it says (6.3).
    let isHead = sending.begins(with: "HEAD ")
    connection.bodyCount = pieces &+ body.count
    request.end(length: connection.bodyCount, isSilent: isHead || sending.begins(with: "GET "))
    connection.leaving = sending.part(0, min(request.writer.count, sending.count))
    guard request.writer.fits && !request.isRefused else {
      wipe(&connection, connection.leaving.count)
      return (request.isRefused ? Failure.httpField : .httpTooLarge).code
    }
    connection.response.isHead = isHead
    connection.response.stage = .request
    connection.wantedCount = pieces
    // What fits leaves with the head, and needs no record of its own.
    if body.count <= sending.count &- connection.leaving.count {
      append(&connection, body)
    } else {
      connection.body = body
    }
    return 0
  }

  /// Takes the first bytes of a body that comes in pieces, as many as fit behind the head, so that they leave with it. How many;
  /// 0 when anything has left.
  public mutating func join(_ bytes: Region) -> Int {
    guard response.stage == .request else { return 0 }
    let count = min(min(bytes.count, wantedCount), sending.count &- leaving.count)
    HTTPConnection.append(&self, bytes.part(0, count))
    wantedCount &-= count
    return count
  }

  /// Appends to what leaves, of which nothing has left.
  @inline(never) private static func append(_ connection: inout HTTPConnection, _ bytes: Region) {
    let count = connection.leaving.count
    connection.sending.copy(bytes.bytes, to: count)
    connection.leaving = connection.sending.part(0, count &+ bytes.count)
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
  @inline(__always) public mutating func supplied(_ count: Int) throws(Failure) {
    let status = HTTPConnection.supplied(&self, count)
    if status != 0 { throw Failure(status) }
  }

  /// The same with a status.
  @inline(never) public static func supplied(_ connection: inout HTTPConnection, _ count: Int) -> Int32 {
    guard let wanted = connection.wanted, count >= 0 && count <= wanted.room.count else { return Failure.state.code }
    connection.wantedCount &-= count
    connection.leaving = wanted.room.part(0, count)
    return 0
  }

  /// The bytes to be sent next; none when there are none.
  public var transmission: Region {
    @inline(never) mutating get { leaving.count > 0 ? leaving : body }
  }

  /// Whether so many bytes of the transmission can have left.
  public mutating func canHaveSent(_ count: Int) -> Bool {
    count >= 0 && count <= (leaving.count > 0 ? leaving : body).count
  }

  /// Says that the first `count` bytes of the transmission were taken by the transport.
  @inline(__always) public mutating func sent(_ count: Int) { HTTPConnection.sent(&self, count) }

  /// The same.
  @inline(never) static func sent(_ connection: inout HTTPConnection, _ count: Int) {
    if connection.response.stage == .request && count > 0 { connection.response.begin() }
    if connection.leaving.count > 0 {
      wipe(&connection, count)
    } else {
      connection.body = connection.body.part(count, connection.body.count &- count)
    }
  }

  /// Wipes the first bytes of what leaves, which have left, or will not: there may be a token in them.
  @inline(never) private static func wipe(_ connection: inout HTTPConnection, _ count: Int) {
    let leaving = connection.leaving
    var offset = 0
    while offset < count {
      leaving[offset] = 0
      offset &+= 1
    }
    connection.leaving = leaving.part(count, leaving.count &- count)
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
  @inline(__always) public mutating func next(_ event: inout HTTPEvent) throws(Failure) -> Bool {
    let status = HTTPConnection.next(&self, &event)
    if status < 0 { throw Failure(status) }
    return status > 0
  }

  /// The same as a status: 1 for an event, 0 for none, or what the server broke.
  @inline(never) public static func next(_ connection: inout HTTPConnection, _ event: inout HTTPEvent) -> Int32 {
    event.kind = .none
    let status = Response.next(&connection.response, &event, connection.receiving)
    if status != 0 || event.kind == .none { return status }
    if event.kind == .complete {
      // A server that answers before it has the whole request takes no other after it.
      if connection.isLeaving { connection.response.closes = true }
      event.keepsConnection = !connection.response.closes
    }
    return 1
  }
}
