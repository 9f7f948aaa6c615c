import MoteBytes
import MoteMQTT
import Testing

/// Packet identifiers (2.3.1): never 0, never two in flight alike.
struct IdentifierTests {
  @Test("They count from 1 to 65,535 and begin again at 1")
  func wrap() throws {
    let bench = Bench()
    try bench.connect()
    for round in 0..<65_540 {
      let token = try bench.publish()
      let expected = round % 65_535 + 1
      if token != expected { Issue.record("\(token) instead of \(expected)") }
      let sent = bench.packets()
      if sent.map(\.identifier) != [expected] { Issue.record("\(sent)") }
      let notes = try bench.receive(Server.acknowledgement(expected))
      if notes != [.acknowledged(expected)] { Issue.record("\(notes)") }
    }
  }

  @Test("While the oldest is not acknowledged its identifier is not given again, and is afterwards")
  func exhausted() throws {
    let bench = Bench(window: 2)
    try bench.connect()
    try bench.publish("stuck")
    _ = bench.transmit()
    for identifier in 2...65_535 {
      try bench.publish()
      _ = bench.transmit()
      try bench.receive(Server.acknowledgement(identifier))
    }
    for _ in 0..<3 { #expect(throws: Failure.identifiers) { try bench.publish() } }
    #expect(throws: Failure.identifiers) { try bench.subscribe(["a"]) }
    #expect(throws: Failure.identifiers) { try bench.unsubscribe(["a"]) }
    #expect(throws: Failure.identifiers) { try bench.publish("t", pieces: 3) }
    #expect(try bench.publish("t", [], .none) == 0)
    #expect(bench.packets().count == 1)
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
    #expect(try bench.publish() == 1)
    #expect(try bench.publish() == 2)
  }

  @Test("Messages, subscriptions and unsubscriptions share them, and none is spent on a refusal")
  func shared() throws {
    let bench = Bench(outbox: 128)
    try bench.connect()
    #expect(try bench.publish() == 1)
    #expect(try bench.subscribe(["a"]) == 2)
    #expect(try bench.unsubscribe(["a"]) == 3)
    #expect(throws: Failure.outboxFull) { try bench.publish("t", [UInt8](repeating: 0, count: 90)) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", [UInt8](repeating: 0, count: 200)) }
    #expect(throws: Failure.invalidTopic) { try bench.publish("") }
    #expect(try bench.publish() == 4)
    #expect(bench.packets().map(\.identifier) == [1, 2, 3, 4])
  }

  @Test("They go on after a reconnection")
  func goOn() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish()
    _ = bench.transmit()
    try bench.reconnect(present: false)
    #expect(try bench.publish() == 2)
    #expect(bench.packets().map(\.identifier) == [1, 2])
  }
}
