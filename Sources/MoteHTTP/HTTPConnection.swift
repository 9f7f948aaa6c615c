public import MoteBytes

/// One connection of HTTP/1.1, sans-IO: one request at a time, and its response. Its verbs are those of an MQTT session:
/// ``space()``, ``received(_:)`` for what came; ``transmission``, ``sent(_:)`` for what leaves; ``next(_:)`` for events. The
/// time it leaves to its user, who alone knows how long an answer may take.
public struct HTTPConnection: ~Copyable {
  let receiving: Region
  let sending: Region

  /// What is left to be sent of what stands in `sending`.
  private var sendStart = 0
  private var sendEnd = 0
  /// What is left of a body that is at hand.
  private var body = Region.empty
  /// What is still to be asked for, of a body that comes in pieces.
  private var wantedCount = 0
  private var bodyCount = 0
  private var isHead = false
  /// Whether nothing of the request has left.
  private var isFresh = true

  var response = Response()

  /// A connection without a request, over the caller's memory.
  public init(_ memory: HTTPMemory) {
    precondition(memory.isValid)
    receiving = memory.receiving
    sending = memory.sending
  }

  /// Begins anew, with a new transport.
  public mutating func reset() {
    wipe()
    sendStart = 0
    sendEnd = 0
    body = .empty
    wantedCount = 0
    isFresh = true
    response = Response()
  }

  // MARK: The request

  /// Whether a request may begin.
  public var isReady: Bool {
    mutating get { response.stage == .idle && !isLeaving && !response.closes && !response.isEnded }
  }

  /// Whether something is left to be sent, or to be asked for.
  private var isLeaving: Bool { sendStart < sendEnd || body.count > 0 || wantedCount > 0 }

  /// Begins a request in the send buffer. While another is under way, nothing fits.
  public mutating func compose(_ method: Span<UInt8>) -> RequestWriter {
    RequestWriter(isReady ? sending : .empty, method: method)
  }

  /// Sends a request with a body that is at hand: it is borrowed until the response is complete.
  public mutating func send(_ request: RequestWriter, body: Region = .empty) throws(Failure) {
    try begin(request, length: body.count)
    // What fits leaves with the head, and needs no record of its own.
    if body.count <= sending.count &- sendEnd {
      sending.copy(body.bytes, to: sendEnd)
      sendEnd &+= body.count
    } else {
      self.body = body
    }
  }

  /// Sends a request with a body of `length` bytes that is asked for in pieces: see ``wanted``.
  public mutating func send(_ request: RequestWriter, pieces length: Int) throws(Failure) {
    guard length >= 0 else { throw .argument }
    try begin(request, length: length)
    wantedCount = length
  }

  @inline(never) private mutating func begin(_ request: RequestWriter, length: Int) throws(Failure) {
    guard isReady else { throw .state }
    // A response to nothing is on its way: it would be taken for the answer to this.
    guard response.start == response.end else { throw .httpUnexpected }
    var request = request
    request.end(length: length)
    sendEnd = min(request.writer.count, sending.count)
    guard request.writer.fits && !request.isRefused else {
      wipe()
      sendEnd = 0
      throw request.isRefused ? .httpField : .httpTooLarge
    }
    sendStart = 0
    bodyCount = length
    isHead = request.isHead
    isFresh = true
  }

  /// Takes the first bytes of a body that comes in pieces, as many as fit behind the head, so that they leave with it. How many;
  /// 0 when anything has left.
  public mutating func join(_ bytes: Region) -> Int {
    guard isFresh else { return 0 }
    let count = min(min(bytes.count, wantedCount), sending.count &- sendEnd)
    sending.copy(bytes.part(0, count).bytes, to: sendEnd)
    sendEnd &+= count
    wantedCount &-= count
    return count
  }

  /// Whether a piece of the body is wanted: where its bytes go, and where in the body they start.
  public var wanted: (room: Region, offset: Int)? {
    mutating get {
      guard sendStart == sendEnd && wantedCount > 0 else { return nil }
      return (sending.part(0, min(sending.count, wantedCount)), bodyCount &- wantedCount)
    }
  }

  /// How many bytes have been written of a body that comes in pieces.
  public var passed: Int { bodyCount &- wantedCount }

  /// Says that the first `count` bytes of the room of ``wanted`` have been written.
  public mutating func supplied(_ count: Int) throws(Failure) {
    guard let wanted, count >= 0 && count <= wanted.room.count else { throw .state }
    wantedCount &-= count
    sendStart = 0
    sendEnd = count
  }

  /// The bytes to be sent next; none when there are none.
  public var transmission: Region {
    mutating get { sendStart < sendEnd ? sending.part(sendStart, sendEnd &- sendStart) : body }
  }

  /// Whether so many bytes of the transmission can have left.
  public mutating func canHaveSent(_ count: Int) -> Bool { count >= 0 && count <= transmission.count }

  /// Says that the first `count` bytes of the transmission were taken by the transport.
  public mutating func sent(_ count: Int) {
    precondition(canHaveSent(count))
    if count == 0 { return }
    if isFresh {
      isFresh = false
      response.begin(isHead: isHead)
    }
    if sendStart < sendEnd {
      sendStart &+= count
      if sendStart == sendEnd { wipe() }
    } else {
      body = body.part(count, body.count &- count)
    }
  }

  /// Wipes what has left, or will not: there may be a token in it.
  private func wipe() {
    for offset in 0..<sendEnd { sending[offset] = 0 }
  }

  // MARK: The response

  /// Where to receive to; empty: take the events first.
  public mutating func space() -> Region { response.space(receiving) }

  /// Whether so many bytes can have been received.
  public mutating func canHaveReceived(_ count: Int) -> Bool { count >= 0 && count <= space().count }

  /// Says that `count` bytes were received to ``space()``.
  public mutating func received(_ count: Int) {
    precondition(canHaveReceived(count))
    response.end &+= count
  }

  /// Says that the server will send no more.
  public mutating func closed() { response.isEnded = true }

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
