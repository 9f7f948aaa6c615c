import MoteBytes
import MoteHub
import MoteMQTT
import MoteTransport

/// Most receptions in one poll: a peer that never stops talking must not keep the application from its work.
private let receptionLimit = 4
/// How soon a payload source that had nothing is asked again, in milliseconds.
private let sourceInterval: UInt64 = 20

extension Failure {
  static var signing: Self { Self(-42) }
  static var subscriptionRefused: Self { Self(-135) }
  static var sourceFailed: Self { Self(-155) }
  static var sourceStalled: Self { Self(-156) }
}

extension DeviceClient {
  /// Does what can be done now, and takes the next event; false when there is none, and the event says when to poll again.
  ///
  /// The longest step without return is one step of the TLS handshake. Messages that the hub kept may come before
  /// ``DeviceEvent/Kind/connected``.
  public mutating func poll(now: UInt64, _ event: inout DeviceEvent) -> Bool {
    event.kind = .none
    event.waitsToRead = false
    event.waitsToWrite = false
    event.deadline = .max
    if !tell(&event) {
      switch step {
      case .idle:
        var inner = Event()
        // A message that an ended connection left in pieces.
        if (try? session.next(&inner, now: now)) == true { try? translate(inner, &event, now: now) }
      case .resolve, .connect, .handshake: reach(now: now, &event)
      case .greeting, .subscribe, .work, .closing: work(now: now, &event)
      }
      if event.kind == .none { _ = tell(&event) }
    }
    return event.kind != .none
  }

  /// Tells what is due before anything else.
  private mutating func tell(_ event: inout DeviceEvent) -> Bool {
    if let failed {
      event.kind = .failed
      event.token = failed.token
      event.status = failed.status
      self.failed = nil
      return true
    }
    if let ended {
      event.kind = .disconnected
      event.step = ended.step
      event.status = ended.status
      self.ended = nil
      return true
    }
    return false
  }

  /// Goes on towards an open connection.
  private mutating func reach(now: UInt64, _ event: inout DeviceEvent) {
    do throws(Failure) {
      let again = try transport.advance(now: now)
      event.deadline = again ? now : transport.deadline
      event.waitsToRead = transport.waitsToRead
      event.waitsToWrite = transport.waitsToWrite
    } catch {
      return end(error.code)
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

  private mutating func greet(now: UInt64) {
    let flags: ConnectFlags = identity.usesCertificate ? .userName : .userName | .password
    guard let writer = greeting(flags) else { return end(Failure.signing.code) }
    do throws(Failure) {
      try session.connect(writer, flags, now: now)
    } catch {
      end(error.code)
    }
  }

  /// Moves bytes and takes events while there is something to do.
  private mutating func work(now: UInt64, _ event: inout DeviceEvent) {
    do throws(Failure) {
      var isMore = true
      var receptions = 0
      while isMore {
        var inner = Event()
        while try session.next(&inner, now: now) {
          try translate(inner, &event, now: now)
          if event.kind != .none { return }
        }
        if step == .subscribe && subscription == 0 { subscribe() }
        try transmit(now: now, &event)
        if step == .idle { return }
        let space = session.space()
        let count = space.count == 0 ? 0 : try transport.receive(space)
        event.waitsToRead = space.count > 0 && count == 0
        session.received(count)
        receptions &+= 1
        isMore = count > 0
        if receptions == receptionLimit { break }
      }
      if now >= overdue { throw .timedOut }
      event.deadline = isMore ? now : min(event.deadline, min(session.deadline, overdue))
    } catch {
      end(error.code)
    }
  }

  /// Asks for cloud-to-device messages. When the outbox is full of messages, theirs come first.
  private mutating func subscribe() {
    var writer = session.compose()
    let field = writer.openField()
    writer.appendDeviceBoundFilter(of: identity)
    writer.closeField(field)
    writer.append(1)
    subscription = (try? session.subscribe(writer, filters: 1)) ?? 0
  }

  /// Hands what is to be sent to the transport, as far as that takes it.
  private mutating func transmit(now: UInt64, _ event: inout DeviceEvent) throws(Failure) {
    while true {
      if let wanted = session.wanted {
        let count = source?.read(at: wanted.offset, into: wanted.room) ?? -1
        guard count >= 0 && count <= wanted.room.count else {
          // The packet has begun to leave and cannot be ended: only a new connection helps.
          end(Failure.sourceFailed.code)
          failed = (session.dropPieces(), Failure.sourceFailed.code)
          return
        }
        if count == 0 {
          if sourceOverdue == .max { sourceOverdue = now &+ options.source }
          if now >= sourceOverdue { throw .sourceStalled }
          event.deadline = min(sourceOverdue, now &+ sourceInterval)
          return
        }
        sourceOverdue = .max
        try session.supplied(Int(count))
      }
      let bytes = session.transmission(now: now)
      if bytes.count == 0 { return }
      let count = try transport.send(bytes)
      event.waitsToWrite = count == 0
      if count == 0 { return }
      session.sent(count, now: now)
      if session.hasLeft { return end(0) }
    }
  }

  /// Makes the session's event the client's.
  private mutating func translate(_ inner: Event, _ event: inout DeviceEvent, now: UInt64) throws(Failure) {
    event.token = inner.token
    event.flags = inner.flags
    event.payload = inner.payload
    event.offset = inner.offset
    event.total = inner.total
    event.propertiesCount = 0
    event.properties = .empty
    switch inner.kind {
    case .none, .unsubscribed: break
    case .connected:
      sessionPresent = inner.sessionPresent
      if options.receivesMessages {
        step = .subscribe
        overdue = now &+ session.patience
      } else {
        begin(&event)
      }
    case .subscribed:
      guard inner.payload[0] != 0x80 else { throw .subscriptionRefused }
      begin(&event)
    case .acknowledged: event.kind = .sent
    case .message:
      event.kind = .message
      guard inner.offset == 0 else { return }
      if let bag = identity.deviceBoundBag(inner.topic) {
        event.properties = bag
        event.propertiesCount = bag.count
      } else {
        event.kind = .skipped
      }
    case .aborted: event.kind = .aborted
    case .skipped:
      event.kind = .skipped
      event.propertiesCount = inner.topicCount
    }
  }

  private mutating func begin(_ event: inout DeviceEvent) {
    step = .work
    overdue = .max
    event.kind = .connected
    event.sessionPresent = sessionPresent
  }
}
