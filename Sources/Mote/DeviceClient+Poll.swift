import MoteBytes
import MoteHub
import MoteMQTT
import MoteTransport

/// Most receptions in one poll: a peer that never stops talking must not keep the application from its work.
private var receptionLimit: Int { 4 }
/// Most sends in one poll, for a transport that takes everything.
private var transmissionLimit: Int { 16 }
/// How long the hub may take to close after DISCONNECT, in milliseconds.
private var farewell: UInt64 { 1_000 }
/// How soon a payload source that had nothing is asked again, in milliseconds.
private var sourceInterval: UInt64 { 20 }

extension Failure {
  static var signing: Self { Self(-42) }
  static var subscriptionRefused: Self { Self(-135) }
  static var sourceFailed: Self { Self(-155) }
  static var sourceStalled: Self { Self(-156) }
}

extension DeviceClient {
  /// Does what can be done now, and takes the next event; false when there is none, and the event says when to poll again.
  ///
  /// The longest step without return is one step of the TLS handshake.
  public mutating func poll(now: UInt64, _ event: inout DeviceEvent) -> Bool {
    event = DeviceEvent()
    if !tell(now: now, &event) {
      switch step {
      case .idle, .waiting:
        // A message that an ended connection left in pieces.
        if session.takeAborted() && !isForeign {
          event.kind = .aborted
        } else if step == .waiting {
          event.deadline = nextAttempt
          if now >= nextAttempt {
            attempt(now: now)
            event.deadline = now
          }
        }
      case .resolve, .connect, .handshake: reach(now: now, &event)
      case .greeting, .subscribe, .work, .closing: work(now: now, &event)
      }
      if event.tells(.none) { _ = tell(now: now, &event) }
    }
    if event.tells(.message) && event.isComplete { counted.received &+= 1 }
    return !event.tells(.none)
  }

  /// Tells what is due before anything else.
  private mutating func tell(now: UInt64, _ event: inout DeviceEvent) -> Bool {
    if failedToken != 0 {
      event.kind = .failed
      event.token = failedToken
      event.status = failedStatus
      failedToken = 0
    } else if hasEnded {
      event.kind = .disconnected
      event.step = lastError.step
      event.status = lastError.status
      event.deadline = nextAttempt
      hasEnded = false
    } else {
      let (token, kind) = session.takeDropped(now: now)
      if kind == .none { return false }
      event.kind = .failed
      event.token = token
      event.status = kind == .expired ? Failure.expired.code : Failure.dropped.code
    }
    return true
  }

  /// Goes on towards an open connection.
  private mutating func reach(now: UInt64, _ event: inout DeviceEvent) {
    do throws(Failure) {
      let again = try transport.advance(now: now)
      event.deadline = again ? now : transport.deadline
      event.wait(toRead: transport.waitsToRead, toWrite: transport.waitsToWrite)
    } catch {
      if transport.stage == .securing { step = .handshake }
      return end(error.code, now: now)
    }
    switch transport.stage {
    case .closed, .resolving: step = .resolve
    case .connecting: step = .connect
    case .securing: step = .handshake
    case .open:
      step = .greeting
      greet(now: now)
    }
  }

  @inline(__always) private mutating func greet(now: UInt64) {
    let flags: ConnectFlags = identity.usesCertificate ? .userName : .userName | .password
    guard let writer = greeting(flags) else { return end(Failure.signing.code, now: now) }
    do throws(Failure) {
      try session.connect(writer, flags, now: now)
    } catch {
      end(error.code, now: now)
    }
  }

  /// Moves bytes and takes events while there is something to do.
  private mutating func work(now: UInt64, _ event: inout DeviceEvent) {
    do throws(Failure) {
      var isMore = true
      var receptions = 0
      while isMore {
        // Before anything is told, so that an application that refills the outbox leaves room for it.
        _ = try subscribe()
        if step == .work {
          if ask(.turn, &event) != 0 { return }
          if now >= renewal { try renew(now: now) }
        }
        isMore = false
        var inner = Event()
        while try take(&inner, now: now) {
          try translate(inner, &event, now: now)
          if !event.tells(.none) { return }
          // What is not told may be what a feature has waited for.
          isMore = true
          // Nor does anything of it stand in what is told next.
          event = DeviceEvent()
        }
        try transmit(now: now, &event)
        if hasEnded { return }
        let space = session.space()
        var count = space.count == 0 ? 0 : try transport.receive(space)
        event.waitsToRead = space.count > 0 && count == 0
        if count < 0 {
          event.waitsToWrite = true
          count = 0
        }
        session.received(count)
        counted.bytesReceived &+= UInt64(widened: UInt(bitPattern: count))
        receptions &+= 1
        if count > 0 { isMore = true }
        if receptions == receptionLimit { break }
      }
      let limit = min(overdue, sendOverdue)
      if now >= limit { throw .timedOut }
      // What has come by now has been taken.
      if !isMore { try session.checkPatience(now: now) }
      event.deadline = min(min(event.deadline, session.deadline), min(step == .work ? renewal : .max, limit))
      if isMore || session.goesOn { event.deadline = now }
    } catch {
      // After DISCONNECT the hub closes, or is waited for no longer. Until then what comes is taken: to close on bytes
      // unread would reset the connection, and the hub might never see the acknowledgements that have just left.
      end(session.hasLeft ? 0 : error.code, now: now)
    }
  }

  /// The session's next event. Apart, since all of a poll together would want for registers.
  @inline(never) private mutating func take(_ inner: inout Event, now: UInt64) throws(Failure) -> Bool {
    try session.nextReceived(&inner, now: now)
  }

  /// Asks for cloud-to-device messages and for what the features need, before messages are sent again. While the outbox is
  /// full of those, they go first. Whether it has, just now.
  @inline(never) private mutating func subscribe() throws(Failure) -> Bool {
    guard step == .subscribe && subscription == 0 else { return false }
    var filters = Filters(session.compose())
    if receivesMessages {
      let field = filters.writer.openField()
      filters.writer.appendDeviceBoundFilter(of: identity)
      filters.writer.close(field)
      filters.writer.append(1)
      filters.count = 1
    }
    _ = ask(.subscribing, &filters)
    do throws(Failure) {
      subscription = try session.subscribe(filters.writer, filters: filters.count, first: true)
      return true
    } catch {
      if error != .outboxFull && error != .identifiers { throw error }
      return false
    }
  }

  /// Hands what is to be sent to the transport, as far as that takes it.
  private mutating func transmit(now: UInt64, _ event: inout DeviceEvent) throws(Failure) {
    for _ in 0..<transmissionLimit {
      if let wanted = session.wanted {
        let count = source?.read(at: wanted.offset, into: wanted.room) ?? -1
        guard count >= 0 && count <= wanted.room.count else {
          // The packet has begun to leave and cannot be ended: only a new connection helps.
          end(Failure.sourceFailed.code, now: now)
          failedToken = session.dropPieces()
          failedStatus = Failure.sourceFailed.code
          return
        }
        if count == 0 {
          if sourceOverdue == .max { sourceOverdue = now &+ UInt64(widened: UInt(sourcePatience)) }
          if now >= sourceOverdue { throw .sourceStalled }
          event.deadline = min(sourceOverdue, now &+ sourceInterval)
          return
        }
        sourceOverdue = .max
        session.supply(Int(count))
      }
      let (bytes, front) = session.outgoing(now: now)
      if bytes.count == 0 {
        // What has left, and is not to be acknowledged, may have made room.
        guard try subscribe() else { return }
        continue
      }
      let count = try transport.send(bytes, front: front)
      event.waitsToWrite = count == 0
      if count <= 0 {
        if sendOverdue == .max { sendOverdue = now &+ session.patience }
        return
      }
      sendOverdue = .max
      session.sent(count, now: now)
      counted.bytesSent &+= UInt64(widened: UInt(bitPattern: count))
      // What DISCONNECT waits behind may take longer than the hub's goodbye may.
      if step == .closing { overdue = now &+ session.patience }
      if session.hasLeft { overdue = now &+ farewell }
    }
    event.deadline = now
  }

  /// Makes the session's event the client's.
  private mutating func translate(_ inner: Event, _ event: inout DeviceEvent, now: UInt64) throws(Failure) {
    event.token = inner.token
    event.flags = inner.flags
    event.payload = inner.payload
    event.offset = inner.offset
    event.total = inner.total
    event.name = inner.topic
    switch inner.kind {
    case .none, .unsubscribed, .dropped, .expired: break
    case .connected:
      event.kind = .connected
      event.sessionPresent = inner.sessionPresent
      accepted(now: now)
      step = .work
      if receivesMessages || !features.isEmpty { step = .subscribe }
    case .subscribed:
      guard inner.payload.bytes.first(0x80, from: 0) == inner.payload.count else { throw .subscriptionRefused }
      // While leaving it changes nothing.
      if step == .subscribe { step = .work }
    case .acknowledged:
      event.kind = .sent
      counted.sent &+= 1
    case .message:
      // Of a message for somebody else only the first piece is told, as skipped.
      // A topic comes with the first piece, and alone when nothing of the payload has come.
      let isFirst = inner.topic.count > 0
      if !isFirst && isForeign { return }
      event.kind = .message
      var moment = Moment.piece
      if isFirst {
        let bag = identity.deviceBoundBag(inner.topic)
        isForeign = bag == nil
        if let bag {
          event.properties = bag
          return
        }
        event.kind = .skipped
        moment = .message
      }
      _ = ask(moment, &event)
    case .aborted: event.kind = isForeign ? .none : .aborted
    case .skipped:
      event.kind = .skipped
      event.skippedCount = max(0, inner.topicCount &- identity.deviceBoundPrefixCount)
    }
  }
}
