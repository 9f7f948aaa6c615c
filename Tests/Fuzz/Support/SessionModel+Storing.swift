import MoteBytes
import MoteMQTT

extension SessionModel {
  /// Stores a message, in one of three ways: topic and payload at once (0), composed (1), or its payload in pieces (2).
  func publish(way: Int, topicCount: Int, payloadCount: Int, _ flags: MessageFlags) {
    messages += 1
    let number = messages
    let topic = SessionModel.topic(number, topicCount)
    let payload = (0..<payloadCount).map { SessionModel.byte(number, $0) }
    var identifier = 0
    let isBusy = stored.contains { $0.isSourced && $0.end == .none }
    let expires = life == 0 ? 0 : now + life
    let failure = stored { () throws(Failure) in
      if way == 0 {
        identifier = try session.publish(topic.span, payload: payload.span, flags, expires: expires)
        return
      }
      var writer = session.compose(room: way == 1 ? topicCount + payloadCount : topicCount)
      demand(outbox.holds(writer.region), "composed outside the outbox")
      writer.append(topic.span)
      identifier =
        way == 1
        ? try session.publish(writer, payload: payload.span, flags, expires: expires)
        : try session.publish(writer, pieces: payloadCount, flags, expires: expires)
    }
    if let failure {
      if failure == .invalidTopic && topicCount == 0 || failure == .sourceBusy && way == 2 && isBusy { return }
      return refused(failure)
    }
    demand(topicCount > 0 && !(way == 2 && isBusy), "stored what cannot be")
    demand((identifier != 0) == (way == 2 || flags.contains(.acknowledged)), "a token for nothing, or none")
    store(
      Stored(
        number: number, identifier: identifier, topicCount: topicCount, payloadCount: payloadCount,
        isRetained: flags.contains(.retain), isSourced: way == 2, expires: expires))
  }

  /// Subscribes to some filters, before messages leave if that is asked for, or unsubscribes.
  func request(_ kind: Stored.Kind, filters: Int, first: Bool) {
    let before = phase
    var identifier = 0
    let failure = stored { () throws(Failure) in
      var writer = session.compose()
      for _ in 0..<filters {
        writer.appendField(("f" as StaticString).bytes)
        if kind == .subscribe { writer.append(0) }
      }
      identifier =
        kind == .subscribe
        ? try session.subscribe(writer, filters: filters, first: first)
        : try session.unsubscribe(writer, filters: filters)
    }
    if let failure {
      if failure == .state && before != .connected || filters == 0 { return }
      return refused(failure)
    }
    demand(before == .connected && identifier != 0, "asked for while \(before)")
    let isFirst = kind == .subscribe && first && pending == 0 && !stored.contains { $0.isLeaving && $0.isWaiting }
    store(
      Stored(kind: kind, identifier: identifier, filters: kind == .subscribe ? filters : 0),
      at: isFirst ? stored.firstIndex { !$0.hasLeft } : nil)
  }

  private func store(_ entry: Stored, at place: Int? = nil) {
    demand(
      entry.identifier == 0 || !stored.contains { $0.identifier == entry.identifier }, "an identifier that is in flight"
    )
    stored.insert(entry, at: place ?? stored.count)
  }

  /// How storing failed. Others may have made way; for what is composed, that is when it is composed again.
  private func stored(_ action: () throws(Failure) -> Void) -> Failure? {
    var failure = status(action)
    if makeWay() > 0 && failure == .outboxFull {
      failure = status(action)
      demand(failure != .outboxFull && makeWay() == 0, "no room for what others made way for")
    }
    return failure
  }

  /// Notes what the session has dropped to make room, by the one rule that there is. How many.
  private func makeWay() -> Int {
    let count = Int(session.dropped) - dropped
    let waiting = stored.indices.filter { stored[$0].kind == .message && stored[$0].isWaiting && !stored[$0].isLeaving }
    demand(count == 0 || whenFull != .refuses && count <= waiting.count, "\(count) made way")
    for place in whenFull == .dropsOldest ? waiting.prefix(count) : waiting.suffix(count) {
      stored[place].end = .dropped
    }
    dropped += count
    return count
  }

  /// Notes what has expired when the session looks.
  func expire() {
    for place in stored.indices where stored[place].isWaiting && !stored[place].isLeaving && stored[place].expires != 0
    {
      // In steps of 1,024 ms, and not before its time.
      if now < (stored[place].expires + 1_023) / 1_024 * 1_024 { continue }
      stored[place].end = .expired
      dropped += 1
    }
    demand(session.dropped == dropped, "\(session.dropped) of \(dropped) have been dropped")
  }

  /// Looks whether there was a reason to refuse.
  private func refused(_ failure: Failure) {
    let needed = session.needed
    if failure == .outboxFull {
      demand(!stored.isEmpty && needed <= outbox.region.count, "full for nothing")
    } else {
      demand(failure == .tooLarge && needed > outbox.region.count, "refused with \(failure.code), \(needed) bytes")
    }
  }

  /// Drops what is stored with this token; refused within a connection.
  func drop(_ token: Int) {
    let place = phase == .idle && token > 0 ? stored.firstIndex { $0.identifier == token && $0.end == .none } : nil
    let status = status { () throws(Failure) in try session.drop(token) }
    demand(status == (place == nil ? .state : nil), "dropped what is not there, or not what is")
    if let place { stored.remove(at: place) }
  }

  // MARK: The server

  /// Sends as an honest server does: the acknowledgement of what has left.
  func acknowledge(_ entry: Stored) {
    switch entry.kind {
    case .message: incoming += Server.acknowledgement(entry.identifier)
    case .subscribe: incoming += Server.subscribed(entry.identifier, [UInt8](repeating: 1, count: entry.filters))
    case .unsubscribe: incoming += Server.unsubscribed(entry.identifier)
    }
  }

  /// Answers CONNECT.
  func greet(present: Bool, code: UInt8) {
    if phase != .greeting || isGreeted || code != 0 || present && isClean { isHostile = true }
    isGreeted = true
    incoming += [0x20, 2, present ? 1 : 0, code]
  }
}
