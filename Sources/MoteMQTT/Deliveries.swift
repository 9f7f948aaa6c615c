public import MoteBytes

/// The messages received at quality of service 1 that have not been acknowledged yet, in the order of arrival, in
/// which their PUBACKs leave (4.6).
struct Deliveries {
  /// Most that may be open; then reading stops.
  static var limit: Int { 8 }

  private var identifiers: InlineArray<8, UInt16> = .init(repeating: 0)
  /// A bit for each but those that are held, the oldest's first.
  private var accepted: UInt8 = 0
  private(set) var count = 0
  /// Tells tokens of one connection from those of another.
  private var generation = 0
  /// Whether the last one was handed out with the last event, and can still be held. It is accepted when the next is taken.
  var isFresh = false
  /// Whether a message has come that had to wait for one of these.
  var isBlocking = false

  var isFull: Bool { mutating get { count == Deliveries.limit } }

  /// The oldest, when it has been accepted, else 0.
  var nextAccepted: Int {
    @inline(__always) mutating get { accepted & 1 != 0 && !(isFresh && count == 1) ? Int(identifiers[0]) : 0 }
  }

  /// Notes a message that is complete. Its token.
  mutating func open(_ identifier: Int) -> Int {
    identifiers[count] = UInt16(truncatingIfNeeded: identifier)
    accepted |= bit(count)
    count &+= 1
    return token(identifier)
  }

  private mutating func token(_ identifier: Int) -> Int { generation &<< 16 | identifier }

  private func bit(_ place: Int) -> UInt8 { 1 &<< UInt8(truncatingIfNeeded: place) }

  /// Holds what the last event handed out. False when it handed out nothing.
  mutating func hold() -> Bool {
    guard isFresh else { return false }
    isFresh = false
    accepted &= ~bit(count &- 1)
    return true
  }

  /// Accepts what was held. False when `token` was not, or was accepted before. (A server may send an identifier
  /// twice; then each is accepted once.)
  mutating func accept(_ token: Int) -> Bool {
    for place in 0..<count where self.token(Int(identifiers[place])) == token {
      if accepted & bit(place) != 0 { continue }
      accepted |= bit(place)
      return true
    }
    return false
  }

  /// The oldest's PUBACK has left.
  @inline(__always) mutating func acknowledged() {
    count &-= 1
    accepted &>>= 1
    for place in 1..<Deliveries.limit { identifiers[place &- 1] = identifiers[place] }
  }

  /// Forgets all, with the connection.
  mutating func reset() {
    count = 0
    accepted = 0
    isFresh = false
    isBlocking = false
    generation = (generation &+ 1) & 0x7FFF
  }
}

extension Session {
  /// Holds back the acknowledgement of the message that the last event completed, until ``accept(_:)``.
  public mutating func hold() throws(Failure) {
    guard deliveries.hold() else { throw .state }
  }

  /// Accepts a message that was held: its PUBACK leaves when those before it have.
  public mutating func accept(_ token: Int) throws(Failure) {
    guard deliveries.accept(token) else { throw .state }
  }
}
