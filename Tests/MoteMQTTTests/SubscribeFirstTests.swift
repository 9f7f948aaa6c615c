import MoteBytes
import MoteMQTT
import Testing

/// A SUBSCRIBE that is asked to leave first.
struct SubscribeFirstTests {
  private func subscribe(_ bench: Bench) throws -> Int {
    var writer = bench.session.compose()
    writer.appendField(("f" as StaticString).bytes)
    writer.append(1)
    return try bench.session.subscribe(writer, filters: 1, first: true)
  }

  @Test("It leaves before the messages that are stored, which keep their order and their bytes")
  func first() throws {
    let bench = Bench()
    for number: UInt8 in 1...3 { try bench.publish("t", [UInt8](repeating: number, count: Int(number) * 7)) }
    try bench.connect()
    let token = try subscribe(bench)
    #expect(token == 4)
    let sent = bench.packets()
    #expect(sent.count == 4)
    #expect(sent.first == .subscribe(4))
    for number in 1...3 { try bench.receive(Server.acknowledgement(number)) }
    #expect(try bench.receive(Server.subscribed(4, [1])).map(\.token) == [4])
  }

  @Test("Behind what is in flight, and what is leaving; where that cannot be, in its turn")
  func inFlight() throws {
    let bench = Bench(window: 8)
    try bench.connect()
    try bench.publish("t", [1])
    _ = bench.transmit()
    try bench.publish("t", [2])
    _ = try subscribe(bench)
    #expect(bench.transmit().first == 0x82)
    try bench.publish("t", [3])
    _ = bench.transmit(limit: 2)
    _ = try subscribe(bench)
    let rest = bench.transmit()
    #expect(rest.count == 6 + 8)
    #expect(rest.suffix(8).first == 0x82)
  }

  @Test("A message's packet identifier is not given again while it is in flight, though a SUBSCRIBE stands before it")
  func identifiers() throws {
    let bench = Bench(outbox: 1_024, window: 60)
    try bench.connect()
    try bench.publish("old", [1])
    _ = bench.transmit()
    // Up to the last but one before the old message's own, 1.
    for number in 2...65_534 {
      try bench.publish("t")
      _ = bench.transmit()
      try bench.receive(Server.acknowledgement(number))
    }
    bench.session.lost()
    try bench.connect(present: true)
    #expect(try subscribe(bench) == 65_535)
    #expect(throws: Failure.identifiers) { try bench.publish("t") }
  }
}
