import MoteBytes
import MoteMQTT
import Testing

/// What the outbox takes, what it refuses, and the size it names when it does.
struct OutboxTests {
  /// Each request, with a payload or filter of `length` bytes.
  enum Request: CaseIterable {
    case atMostOnce, acknowledged, pieces, subscription, unsubscription

    func make(_ bench: Bench, _ length: Int) throws(Failure) {
      switch self {
      case .atMostOnce: try bench.publish("topic", [UInt8](repeating: 1, count: length), .none)
      case .acknowledged: try bench.publish("topic", [UInt8](repeating: 1, count: length))
      case .pieces: try bench.publish(String(repeating: "t", count: length), pieces: 1_000_000)
      case .subscription: try bench.subscribe([String(repeating: "f", count: length)])
      case .unsubscription: try bench.unsubscribe([String(repeating: "f", count: length)])
      }
    }
  }

  private func connected(_ outbox: Int) throws -> Bench {
    let bench = Bench(outbox: outbox)
    try bench.connect()
    return bench
  }

  @Test(
    "The size that is needed is enough, and a byte less is not", arguments: Request.allCases,
    [105, 127, 128, 500, 3000])
  func needed(_ request: Request, _ length: Int) throws {
    let small = try connected(128)
    if (try? request.make(small, length)) != nil { return }
    let needed = small.needed
    #expect(needed > max(128, length))
    let less = try connected(needed - 1)
    #expect(throws: Failure.tooLarge) { try request.make(less, length) }
    #expect(less.needed == needed)
    let enough = try connected(needed)
    try request.make(enough, length)
    #expect(enough.transmit().count > length)
  }

  @Test("Full is for now, too large is for ever")
  func full() throws {
    let bench = try connected(128)
    try bench.publish("t", [UInt8](repeating: 1, count: 60))
    #expect(throws: Failure.outboxFull) { try bench.publish("t", [UInt8](repeating: 2, count: 60)) }
    #expect(bench.needed <= 128)
    #expect(throws: Failure.tooLarge) { try bench.publish("t", [UInt8](repeating: 2, count: 120)) }
    #expect(bench.needed > 128)
    #expect(bench.packets().map(\.payload) == [[UInt8](repeating: 1, count: 60)])
    #expect(throws: Failure.outboxFull) { try bench.publish("t", [UInt8](repeating: 2, count: 60)) }
    try bench.receive(Server.acknowledgement(1))
    #expect(try bench.publish("t", [UInt8](repeating: 2, count: 60)) == 2)
    #expect(bench.packets().map(\.payload) == [[UInt8](repeating: 2, count: 60)])
  }

  @Test("A message that has left at quality of service 0 gives its room back")
  func freed() throws {
    let bench = try connected(128)
    for round in 0..<50 {
      let payload = [UInt8](repeating: UInt8(round), count: 90)
      try bench.publish("t", payload, .none)
      #expect(throws: Failure.outboxFull) { try bench.publish("t", payload, .none) }
      #expect(bench.packets().map(\.payload) == [payload])
    }
  }

  @Test(
    "Room in front is used, while a packet is leaving, whatever room was asked for", arguments: [6, 9, 13, Int.max])
  func compaction(_ room: Int) throws {
    for split in 0...12 {
      let bench = Bench(outbox: 144, window: 8)
      try bench.connect()
      for number in 1...4 { try bench.publish("t", [UInt8(number), 0, 0, 0, 0]) }
      _ = bench.transmit(limit: 24)
      try bench.receive(Server.acknowledgement(1) + Server.acknowledgement(2))
      let first = bench.transmit(limit: split)
      var added = 0
      while (try? bench.publish("t", [UInt8(10 + added), 0, 0, 0, 0], room: room)) != nil { added += 1 }
      #expect(added == 3)
      let (packets, rest) = parse(first + bench.transmit())
      #expect(packets.map { $0.payload?.first } == [3, 4, 10, 11, 12])
      #expect(rest == [])
    }
  }

  @Test(
    "Topics that are empty or not text are refused",
    arguments: [[], [0], [0x61, 0, 0x62], [0xFF], [0xC3], [0xED, 0xA0, 0x80]])
  func topics(_ topic: [UInt8]) throws {
    let bench = try connected(128)
    for flags in [MessageFlags.none, .acknowledged] {
      var writer = bench.session.compose()
      writer.append(topic.span)
      let composed = writer
      let nothing: [UInt8] = []
      #expect(throws: Failure.invalidTopic) { try bench.session.publish(composed, payload: nothing.span, flags) }
      #expect(throws: Failure.invalidTopic) { try bench.session.publish(composed, pieces: 1, flags) }
    }
    #expect(bench.transmit() == [])
  }

  @Test("A topic of 65,535 bytes is the longest")
  func longTopic() throws {
    let bench = try connected(70_000)
    #expect(throws: Failure.self) { try bench.publish(String(repeating: "t", count: 65_536)) }
    let topic = String(repeating: "t", count: 65_535)
    try bench.publish(topic, [1])
    #expect(bench.transmit() == Server.message(topic, [1], identifier: 1))
  }

  @Test("A request names between 1 and 255 filters, and no more than a SUBACK that fits the receive buffer")
  func filters() throws {
    for (receive, count, fits) in [
      (512, 0, false), (512, 255, true), (512, 256, false), (128, 120, true), (128, 125, false),
    ] {
      let bench = Bench(receive: receive, outbox: 4096)
      try bench.connect()
      let filters = [String](repeating: "a", count: count)
      guard fits else {
        #expect(throws: Failure.tooLarge) { try bench.subscribe(filters) }
        continue
      }
      #expect(try bench.subscribe(filters) == 1)
      _ = bench.transmit()
      let codes = [UInt8](repeating: 0, count: count)
      #expect(try bench.receive(Server.subscribed(1, codes)) == [Note(kind: .subscribed, token: 1, payload: codes)])
    }
  }
}
