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
    let isBusy = stored.contains(where: \.isSourced)
    let failure = status { () throws(Failure) in
      if way == 0 {
        identifier = try session.publish(topic.span, payload: payload.span, flags)
        return
      }
      var writer = session.compose(room: way == 1 ? topicCount + payloadCount : topicCount)
      demand(outbox.holds(writer.region), "composed outside the outbox")
      writer.append(topic.span)
      identifier =
        way == 1
        ? try session.publish(writer, payload: payload.span, flags)
        : try session.publish(writer, pieces: payloadCount, flags)
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
        isRetained: flags.contains(.retain), isSourced: way == 2))
  }

  /// Subscribes to some filters, or unsubscribes.
  func request(_ kind: Stored.Kind, filters: Int) {
    var writer = session.compose()
    for _ in 0..<filters {
      writer.appendField(("f" as StaticString).bytes)
      if kind == .subscribe { writer.append(0) }
    }
    let before = phase
    var identifier = 0
    let failure = status { () throws(Failure) in
      identifier =
        kind == .subscribe
        ? try session.subscribe(writer, filters: filters) : try session.unsubscribe(writer, filters: filters)
    }
    if let failure {
      if failure == .state && before != .connected || filters == 0 { return }
      return refused(failure)
    }
    demand(before == .connected && identifier != 0, "asked for while \(before)")
    store(Stored(kind: kind, identifier: identifier, filters: kind == .subscribe ? filters : 0))
  }

  private func store(_ entry: Stored) {
    demand(
      entry.identifier == 0 || !stored.contains { $0.identifier == entry.identifier }, "an identifier that is in flight"
    )
    stored.append(entry)
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
    let place = phase == .idle && token > 0 ? stored.firstIndex { $0.identifier == token } : nil
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
