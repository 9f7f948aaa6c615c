import CMote
public import MoteBytes
import MoteHub
import MoteMQTT
import MoteTLS
import MoteTransport

extension Failure {
  static var noTime: Self { Self(-40) }
}

/// Why a client leaves.
enum Departure: UInt8 {
  case none
  case asked
  /// To come back with another token.
  case renewing
}

extension DeviceClient {
  /// Connects, and connects again whenever the connection is lost, until ``disconnect(now:)``; ``poll(now:_:)`` does the
  /// work. While it waits for the next attempt, begins that at once.
  public mutating func connect(now: UInt64) throws(Failure) {
    guard isUsable && !hasEnded && (step == .idle || step == .waiting) else { throw .state }
    if step == .idle { gapStart = now }
    step = .waiting
    nextAttempt = now
  }

  /// Leaves: what has begun to leave is sent, then DISCONNECT. Once is enough.
  public mutating func disconnect(now: UInt64) throws(Failure) {
    guard step != .idle else { throw .state }
    if departure == .asked { return }
    departure = .asked
    guard session.isConnected || step == .closing else { return end(0, now: now) }
    // It may have said goodbye already, to come back with another token.
    if session.hasLeft { return }
    try session.disconnect()
    step = .closing
    overdue = now &+ session.patience
  }

  /// Begins an attempt when the time of day is known: without it neither a token nor a certificate can be judged.
  @inline(__always) mutating func attempt(now: UInt64) {
    guard transport.port.wallSeconds >= MOTE_EARLIEST_SECONDS else { return end(Failure.noTime.code, now: now) }
    step = .resolve
    transport.open(now: now)
  }

  /// Writes CONNECT, with a fresh token; nil when that cannot be signed.
  @inline(__always) mutating func greeting(_ flags: ConnectFlags) -> Writer? {
    var writer = session.composeConnect(flags)
    let identity = identity
    var field = writer.openField()
    writer.appendClientIdentifier(of: identity)
    writer.close(field)
    field = writer.openField()
    writer.appendUserName(of: identity)
    writer.close(field)
    if !identity.usesCertificate {
      field = writer.openField()
      let expiry = UInt64(bitPattern: transport.port.wallSeconds) &+ UInt64(widened: UInt(tokenSeconds))
      guard writer.appendToken(for: identity, signer: signer, expiry: expiry) else { return nil }
      writer.close(field)
    }
    return writer
  }

  /// The hub has accepted the client.
  @inline(__always) mutating func accepted(now: UInt64) {
    backoff.accepted()
    counted.connects &+= 1
    counted.longestGap = max(counted.longestGap, now &- gapStart)
    // Not 0, which is no time.
    acceptedAt = max(now, 1)
    // Between 80 and 85 % of the token's life, so that devices that began together do not come back together.
    let share = 800 &+ (transport.port.random() &>> 16 &* 51) &>> 16
    renewal =
      identity.usesCertificate
      ? .max : now &+ UInt64(widened: UInt(tokenSeconds)) &* UInt64(widened: UInt(share))
  }

  /// Leaves in order to come back with another token, once all that is in flight has been acknowledged.
  mutating func renew(now: UInt64) throws(Failure) {
    departure = .renewing
    // It is under way, and nothing to wake up for any more.
    renewal = .max
    try session.disconnect(draining: true)
    step = .closing
    overdue = now &+ session.patience
  }

  /// Ends the connection, for the reason that `code` gives. ``poll(now:_:)`` tells it.
  mutating func end(_ code: Int32, now: UInt64) {
    var status = code
    let libraryCode = status < 0 && transport.isSecured ? transport.tls.libraryCode : 0
    var next = UInt64.max
    if departure == .renewing && session.hasLeft { status = Failure.tokenExpires.code }
    if departure != .asked {
      let isSoon = acceptedAt != 0 && backoff.ended(after: now &- acceptedAt)
      if let wait = backoff.wait(after: &status, isSoon: isSoon, random: transport.port.random()) { next = now &+ wait }
    }
    if acceptedAt != 0 { gapStart = now }
    if code < 0 && status != Failure.tokenExpires.code {
      counted.failures[Int(truncatingIfNeeded: step.rawValue)] &+= 1
    }
    hasEnded = true
    lastError = (status, libraryCode, step)
    transport.close()
    session.lost()
    nextAttempt = next
    step = next == .max ? .idle : .waiting
    departure = .none
    acceptedAt = 0
    overdue = .max
    renewal = .max
    sourceOverdue = .max
    sendOverdue = .max
    subscription = 0
    var nothing: Void = ()
    _ = ask(.ended, &nothing)
  }
}

extension Writer {
  /// ``closeField(_:)`` once for all callers.
  @inline(never) mutating func close(_ field: Int) { closeField(field) }
}
