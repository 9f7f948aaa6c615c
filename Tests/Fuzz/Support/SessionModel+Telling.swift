import MoteBytes
import MoteMQTT

extension SessionModel {
  /// Receives at most `most` of the bytes that the server has sent. Whether there were any and there was space.
  @discardableResult func receive(_ most: Int) -> Bool {
    let space = session.space()
    demand(receiving.holds(space), "space outside the receive buffer")
    let count = min(most, space.count, incoming.count)
    for offset in 0..<count { space[offset] = incoming[offset] }
    session.received(count)
    incoming.removeFirst(count)
    return count > 0
  }

  /// Takes an event. Whether there was one; a failure ends the connection.
  @discardableResult func take() -> Bool {
    if arrivals.last?.state == .fresh { arrivals[arrivals.count - 1].state = .accepted }
    let deadline = session.deadline
    var isTold = false
    let failure = status { () throws(Failure) in isTold = try session.next(&event, now: now) }
    expire()
    if failure != nil || !isTold || event.kind != .dropped && event.kind != .expired { allAreTold() }
    if let failure {
      demand(phase != .idle && phase != .closed || isHostile || now >= deadline, "failed while \(phase)")
      if failure == .timedOut || failure == .keepAlive || failure == .acknowledgement {
        demand(now >= deadline, "an answer is overdue before its time")
      } else {
        demand(isHostile, "an honest server ends with \(failure.code)")
        demand((-117 ... -100).contains(failure.code) || (-134 ... -130).contains(failure.code), "\(failure.code)")
      }
      lose()
      return false
    }
    demand(isTold || !isAborting, "not told as aborted")
    if isTold { told() }
    return isTold
  }

  private func told() {
    demand(receiving.holds(event.topic) && receiving.holds(event.payload), "told of bytes outside the receive buffer")
    if event.kind == .dropped || event.kind == .expired { return ended() }
    if isAborting {
      demand(event.kind == .aborted, "\(event.kind) before the abortion")
      isAborting = false
      open = nil
      return
    }
    demand(phase != .idle, "\(event.kind) without a connection")
    switch event.kind {
    case .connected:
      demand(phase == .greeting && session.isConnected, "connected while \(phase)")
      demand(!(isClean && event.sessionPresent), "a kept session after a clean one")
      phase = .connected
      isResumed = event.sessionPresent
    case .message: message()
    case .acknowledged: remove(.message)
    case .subscribed:
      let filters = remove(.subscribe).filters
      demand(event.payload.count == filters, "\(event.payload.count) codes for \(filters) filters")
    case .unsubscribed: remove(.unsubscribe)
    case .skipped: skipped += 1
    case .aborted, .dropped, .expired, .none: fatalError("told \(event.kind)")
    }
  }

  /// The oldest that was dropped is told first.
  private func ended() {
    guard let place = stored.firstIndex(where: { $0.end != .none && $0.identifier != 0 }) else {
      fatalError("told \(event.kind) of what was not")
    }
    demand(stored[place].identifier == event.token && stored[place].end == event.kind, "another was \(event.kind)")
    stored = stored.indices.filter { $0 > place || stored[$0].end == .none }.map { stored[$0] }
  }

  /// Nothing that was dropped is told before other events, but for what goes at most once.
  private func allAreTold() {
    demand(!stored.contains { $0.end != .none && $0.identifier != 0 }, "dropped in silence")
    stored.removeAll { $0.end != .none }
  }

  /// What was acknowledged is stored no more.
  @discardableResult private func remove(_ kind: Stored.Kind) -> Stored {
    let token = event.token
    guard let place = stored.firstIndex(where: { $0.identifier == token && $0.hasLeft && $0.kind == kind }) else {
      fatalError("\(event.kind) for \(token), which has not left")
    }
    return stored.remove(at: place)
  }

  private func message() {
    demand((event.topic.count > 0) == (open == nil), "a topic with a later piece, or none with the first")
    if open == nil {
      demand(event.topic.bytes.isMQTTText && event.topic.count == event.topicCount, "a topic that is none")
    }
    let (offset, total) = open ?? (0, event.total)
    demand(event.offset == offset && event.total == total, "not the next piece")
    let end = offset + event.payload.count
    demand(end <= total && event.isComplete == (end == total), "more than its length")
    open = end == total ? nil : (end, total)
    let isOwed = end == total && event.flags.contains(.acknowledged)
    demand((event.token != 0) == isOwed, "a token for nothing, or none")
    if isOwed { arrivals.append(Arrival(token: event.token)) }
    demand(arrivals.count <= 8, "more messages open than there is room for")
  }

  /// Holds what the last event handed out.
  func hold() {
    let isFresh = arrivals.last?.state == .fresh
    let status = status { () throws(Failure) in try session.hold() }
    demand(status == (isFresh ? nil : .state), "held nothing, or could not hold")
    if isFresh { arrivals[arrivals.count - 1].state = .held }
  }

  /// Accepts by token; refused unless it was held.
  func accept(_ token: Int) {
    let place = arrivals.firstIndex { $0.token == token && $0.state == .held }
    let status = status { () throws(Failure) in try session.accept(token) }
    demand(status == (place == nil ? .state : nil), "accepted what was not held, or not what was")
    if let place { arrivals[place].state = .accepted }
  }
}
