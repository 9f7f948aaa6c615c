import MoteBytes
import MoteMQTT
import Testing

/// What a session does with what was in flight when the connection was lost (4.1, 4.4).
struct ResumptionTests {
  /// Connected, with messages of payload 1, 2, 3 sent and 4, 5 waiting behind a window of 3.
  private func bench() throws -> Bench {
    let bench = Bench(window: 3)
    try bench.connect()
    for number in 1...5 { try bench.publish("t", [UInt8(number)]) }
    #expect(bench.packets().count == 3)
    return bench
  }

  @Test("A kept session: the same, with DUP, in the same order, with the same identifiers")
  func present() throws {
    let bench = try bench()
    try bench.receive(Server.acknowledgement(2))
    #expect(bench.packets().map(\.identifier) == [4])
    try bench.reconnect(present: true)
    let sent = bench.packets()
    #expect(sent.map(\.identifier) == [1, 3, 4])
    #expect(sent.map(\.payload) == [[1], [3], [4]])
    #expect(sent.map(\.isDuplicate) == [true, true, true])
    for identifier in [1, 3, 4] {
      #expect(try bench.receive(Server.acknowledgement(identifier)) == [.acknowledged(identifier)])
    }
    let last = bench.packets()
    #expect(last.map(\.payload) == [[5]])
    #expect(last.map(\.isDuplicate) == [false])
  }

  @Test("A new session: the same, as new")
  func absent() throws {
    let bench = try bench()
    try bench.reconnect(present: false)
    let sent = bench.packets()
    #expect(sent.map(\.payload) == [[1], [2], [3]])
    #expect(sent.map(\.isDuplicate) == [false, false, false])
  }

  @Test("DUP comes and goes with the session, connection by connection")
  func alternating() throws {
    let bench = try bench()
    for present in [true, false, true, true, false] {
      try bench.reconnect(present: present)
      #expect(bench.packets().map(\.isDuplicate) == [present, present, present])
    }
  }

  @Test("A fleeting message that has not left does not outlive its connection; another at most once does")
  func fleeting() throws {
    let bench = try bench()
    for flags in [MessageFlags.fleeting, .none, .fleeting] {
      var writer = bench.session.compose()
      writer.append("t")
      let payload: [UInt8] = [flags.rawValue]
      #expect(try bench.session.publish(writer, payload: payload.span, flags) == 0)
    }
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.payload) == [[1], [2], [3]])
    for identifier in 1...3 { try bench.receive(Server.acknowledgement(identifier)) }
    #expect(bench.packets().map(\.payload) == [[4], [5], [0]])
  }

  @Test("A connection that ends before CONNACK does not lose track of what was sent")
  func lostWhileGreeting() throws {
    let bench = try bench()
    bench.session.lost()
    try bench.greet()
    bench.session.lost()
    try bench.greet()
    _ = bench.transmit()
    bench.session.lost()
    bench.session.lost()
    try bench.connect(present: true)
    #expect(bench.packets().map(\.isDuplicate) == [true, true, true])
  }

  @Test("A message that had begun to leave leaves again from its first byte, as a repetition", arguments: 1...11)
  func partially(_ count: Int) throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1, 2, 3, 4, 5])
    try bench.publish("t", [6])
    #expect(bench.transmit(limit: count).count == count)
    try bench.reconnect(present: true)
    // 3.3.1.1: DUP 0 says that this is the first attempt to send it.
    #expect(
      bench.transmit()
        == Server.message("t", [1, 2, 3, 4, 5], identifier: 1, duplicate: true)
        + Server.message("t", [6], identifier: 2))
  }

  @Test("A message that had only been offered is new")
  func offered() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1])
    #expect(bench.session.transmission(now: bench.now).count == 8)
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.isDuplicate) == [false])
  }

  @Test("Retain survives, and DUP is set on quality of service 1 only")
  func flags() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1], .acknowledged | .retain)
    _ = bench.transmit()
    try bench.publish("t", [2], .retain)
    try bench.reconnect(present: true)
    #expect(
      bench.transmit()
        == Server.message("t", [1], identifier: 1, duplicate: true, retain: true)
        + Server.message("t", [2], retain: true))
  }

  @Test("At quality of service 0, what has not begun to leave stays and what has does not", arguments: 0...6)
  func atMostOnce(_ count: Int) throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1], .none)
    try bench.publish("t", [2], .none)
    #expect(bench.transmit(limit: count).count == count)
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.payload) == (count == 0 ? [[1], [2]] : [[2]]))
    try bench.reconnect(present: true)
    #expect(bench.transmit() == [])
  }

  @Test("Subscriptions in flight are forgotten wherever they stand", arguments: 0..<16)
  func subscriptions(_ pattern: Int) throws {
    let bench = Bench()
    try bench.connect()
    var kept: [[UInt8]] = []
    for place in 0..<4 {
      if pattern >> place & 1 == 1 {
        _ = try place % 2 == 0 ? bench.subscribe(["a", "b"]) : bench.unsubscribe(["a"])
      } else {
        try bench.publish("t", [UInt8(place)])
        kept.append([UInt8(place)])
      }
    }
    if pattern % 3 != 0 { _ = bench.transmit(limit: 10 * (pattern % 5)) }
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.payload) == kept)
    #expect(try bench.receive(Server.subscribed(1, [0, 0]) + Server.unsubscribed(2)) == [])
  }

  @Test("Subscribing needs a connection, publishing does not")
  func requests() throws {
    let bench = Bench()
    #expect(throws: Failure.state) { try bench.subscribe(["a"]) }
    #expect(throws: Failure.state) { try bench.unsubscribe(["a"]) }
    try bench.publish("t", [1])
    try bench.publish("t", [2], .none)
    try bench.connect()
    #expect(bench.packets().map(\.payload) == [[1], [2]])
  }

  @Test("Half a received packet of the old connection is forgotten")
  func halfReceived() throws {
    let bench = Bench()
    try bench.connect()
    try bench.receive(Array(Server.message("t", [1, 2, 3]).dropLast()))
    bench.session.lost()
    try bench.connect()
    #expect(try bench.receive([3] + []) == [])
    bench.session.lost()
    try bench.connect()
    #expect(try bench.receive(Server.message("t", [4])) == [.message("t", [4])])
  }
}
