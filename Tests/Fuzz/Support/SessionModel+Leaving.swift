import MoteMQTT

extension SessionModel {
  /// Notes which packets are offered: one, or messages at most once that leave together.
  func offered(_ bytes: [UInt8]) {
    guard [0x30, 0x80, 0xA0].contains(bytes[0] & 0xF0) else { return }
    expire()
    let (packets, rest) = parse(bytes)
    demand(rest.isEmpty || packets.isEmpty, "half a packet behind others")
    if packets.count > 1 {
      demand(bytes.count <= 1_400, "\(bytes.count) bytes leave together")
      demand(
        packets.allSatisfy { $0.payload != nil && $0.identifier == nil }, "what is acknowledged leaves with others")
    }
    for place in stored.indices.filter({ stored[$0].isWaiting }).prefix(max(1, packets.count)) {
      stored[place].isLeaving = true
    }
  }

  /// Looks whether it was this packet's turn.
  func left(_ packet: Sent) {
    switch packet {
    case .connect:
      demand(phase == .greeting, "CONNECT while \(phase)")
      // A header, "MQTT" and what goes with it, three fields.
      demand(receiving.region.array.prefix(5 + 10 + 3 + 6 + 10).allSatisfy { $0 == 0 }, "a password stays in memory")
      lastAsked = now
    case .publish(let topic, let payload, let identifier, let duplicate, let retain):
      let place = next(.message, identifier)
      let message = stored[place]
      demand(topic.utf8.elementsEqual(SessionModel.topic(message.number, message.topicCount)), "another topic")
      demand(payload.count == message.payloadCount, "another length")
      for offset in payload.indices {
        demand(payload[offset] == SessionModel.byte(message.number, offset), "payload damaged at \(offset)")
      }
      demand(retain == message.isRetained, "retain")
      demand(duplicate == (isResumed && message.attempted), "DUP is \(duplicate)")
      if message.isSourced {
        demand(supplied == message.payloadCount, "left before its end")
        supplied = 0
      }
      sent(place)
    case .subscribe(let identifier): sent(next(.subscribe, identifier))
    case .unsubscribe(let identifier): sent(next(.unsubscribe, identifier))
    case .acknowledgement(let identifier): acknowledged(identifier)
    case .ping:
      demand(phaseBefore == .connected && now - lastAsked >= keepAlive, "PINGREQ early, or while \(phaseBefore)")
      lastAsked = now
    case .disconnect:
      demand(phase == .closing && session.hasLeft, "DISCONNECT while \(phase)")
      demand(!owedBefore, "DISCONNECT before what it waits for")
      phase = .closed
    case .other(let bytes): fatalError("no packet of a client: \(bytes)")
    }
  }

  /// The entry whose turn it is: the first that has not left in this connection, and was not dropped.
  private func next(_ kind: Stored.Kind, _ identifier: Int) -> Int {
    demand(phase == .connected || phase == .closing, "a packet while \(phase)")
    guard let place = stored.firstIndex(where: \.isWaiting) else { fatalError("nothing is stored") }
    demand(stored[place].isLeaving, "another than was offered")
    demand(stored[place].kind == kind && stored[place].identifier == identifier, "out of turn, or another identifier")
    return place
  }

  private func sent(_ place: Int) {
    if stored[place].identifier == 0 {
      stored.remove(at: place)
      return
    }
    lastAsked = now
    stored[place].hasLeft = true
    stored[place].attempted = true
    demand(stored.count { $0.hasLeft } <= window, "more in flight than the window")
  }

  /// A PUBACK: for the message that came first and was accepted, or for one that was skipped.
  private func acknowledged(_ identifier: Int) {
    demand(phase == .connected || phase == .closing, "PUBACK while \(phase)")
    if let first = arrivals.first, first.state == .accepted, first.token & 0xFFFF == identifier {
      arrivals.removeFirst()
    } else {
      demand(skipped > 0, "PUBACK for \(identifier) is not the next")
      skipped -= 1
    }
  }
}
