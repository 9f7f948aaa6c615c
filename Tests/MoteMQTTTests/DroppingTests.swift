import MoteBytes
import MoteMQTT
import Testing

/// An outbox that drops messages to make room for others: which ones, and that none is lost in silence.
struct DroppingTests {
  /// Four messages of 20 bytes fill the outbox: each takes 12 + 3 + 3 + 2 + 20 at quality of service 1.
  private static let capacity = 4 + 4 * 42

  private func bench(_ whenFull: WhenFull, window: Int = 2) throws -> Bench {
    let bench = Bench(outbox: Self.capacity, window: window, whenFull: whenFull)
    try bench.connect()
    return bench
  }

  private func payload(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 20) }

  /// What leaves, each acknowledged until nothing leaves any more.
  private func finish(_ bench: Bench) throws -> [Int] {
    var numbers: [Int] = []
    while true {
      let packets = bench.packets()
      if packets.isEmpty { return numbers }
      for packet in packets {
        numbers.append(Int(packet.payload?.first ?? 0))
        if let identifier = packet.identifier { try bench.receive(Server.acknowledgement(identifier)) }
      }
    }
  }

  @Test(
    "Oldest or newest, of those that wait",
    arguments: [
      (WhenFull.dropsOldest, [1, 2], [3, 4, 5]), (.dropsNewest, [3, 4], [1, 2, 5]),
    ])
  func policy(_ whenFull: WhenFull, _ dropped: [Int], _ left: [Int]) throws {
    let bench = Bench(outbox: Self.capacity, whenFull: whenFull)
    for number in 1...4 { #expect(try bench.store(payload(number)) == number) }
    #expect(try bench.take() == [])
    // One message gives 42 less the header that stays.
    #expect(try bench.store(payload(5)) == 5)
    #expect(bench.dropped == 2)
    #expect(try bench.take() == dropped.map { .dropped($0) })
    #expect(try bench.take() == [])
    try bench.connect()
    #expect(try finish(bench) == left)
    #expect(bench.dropped == 2)
  }

  @Test(
    "An answer to the hub, which goes at most once, is not what makes way",
    arguments: [WhenFull.dropsOldest, .dropsNewest])
  func fleeting(_ whenFull: WhenFull) throws {
    let bench = try bench(whenFull)
    try bench.publish("t", payload(9), .fleeting)
    for number in 1...5 { try bench.store(payload(number)) }
    #expect(try !bench.take().isEmpty)
    #expect(try finish(bench).contains(9))
  }

  @Test("What has begun to leave stays, be it unacknowledged, half sent or only offered", arguments: [0, 1, 24])
  func begun(_ count: Int) throws {
    let bench = try bench(.dropsOldest)
    for number in 1...4 { try bench.store(payload(number)) }
    #expect(bench.transmit(limit: 27 + count).count == 27 + count)
    _ = bench.session.transmission(now: bench.now)
    try bench.store(payload(5))
    #expect(try bench.take() == [.dropped(3), .dropped(4)])
    try bench.receive(Server.acknowledgement(1))
    try bench.reconnect(present: true)
    #expect(try finish(bench) == [2, 5])
  }

  @Test("In a new connection, what left in an earlier one can go")
  func earlier() throws {
    let bench = try bench(.dropsOldest, window: 4)
    for number in 1...4 { try bench.store(payload(number)) }
    #expect(bench.packets().count == 4)
    #expect(throws: Failure.outboxFull) { try bench.store(payload(5)) }
    bench.session.lost()
    try bench.store(payload(5))
    #expect(try bench.take() == [.dropped(1), .dropped(2)])
    try bench.connect(present: true)
    #expect(bench.packets().map(\.isDuplicate) == [true, true, false])
    #expect(bench.resent == 2)
  }

  @Test(
    "Nothing is dropped for a message that is refused all the same", arguments: [WhenFull.dropsOldest, .dropsNewest])
  func helpless(_ whenFull: WhenFull) throws {
    let bench = try bench(whenFull)
    for number in 1...4 { try bench.store(payload(number)) }
    #expect(throws: Failure.tooLarge) { try bench.store([UInt8](repeating: 9, count: 200)) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", [UInt8](repeating: 9, count: 200)) }
    #expect(throws: Failure.tooLarge) { try bench.publish(String(repeating: "t", count: 200), pieces: 4) }
    // It fits the empty outbox, but not beside the headers of four that were dropped.
    #expect(throws: Failure.outboxFull) { try bench.store([UInt8](repeating: 9, count: 146)) }
    _ = bench.transmit(limit: 1)
    // Nor beside the one that is leaving.
    #expect(throws: Failure.outboxFull) { try bench.store([UInt8](repeating: 9, count: 80)) }
    #expect(bench.dropped == 0)
    #expect(try bench.take() == [])
    let (packets, _) = parse([0x32] + bench.transmit())
    #expect(packets.map { $0.payload?.first } == [1, 2])
  }

  @Test("At quality of service 0 they are only counted, and give all their room once that is done")
  func atMostOnce() throws {
    let bench = Bench(outbox: Self.capacity, whenFull: .dropsOldest)
    for number in 1...4 { try bench.store(payload(number), .none) }
    for number in 5...50 {
      try bench.store(payload(number), number % 2 == 0 ? .acknowledged : .none)
      #expect(try bench.take().allSatisfy { $0.kind == .dropped && $0.token > 0 })
    }
    let told = bench.notes.count
    try bench.connect()
    let left = try finish(bench)
    #expect(left.suffix(2) == [49, 50])
    #expect(bench.dropped == UInt32(50 - left.count))
    #expect(told == (5...50).filter { $0 % 2 == 0 && !left.contains($0) }.count)
  }

  @Test("A subscription makes room, and makes none itself")
  func subscription() throws {
    let bench = try bench(.dropsOldest, window: 1)
    for number in 1...4 { try bench.store(payload(number)) }
    _ = bench.transmit()
    #expect(throws: Failure.outboxFull) { try bench.subscribe(["f"]) }
    let token = try bench.subscribe(["f"])
    #expect(try bench.take() == [.dropped(2)])
    for number in 5...9 { _ = try? bench.store(payload(number)) }
    #expect(try bench.take().allSatisfy { $0.kind == .dropped && $0.token != token })
    try bench.receive(Server.acknowledgement(1))
    #expect(bench.packets().contains(.subscribe(token)))
    #expect(try bench.receive(Server.subscribed(token, [0])) == [Note(kind: .subscribed, token: token, payload: [0])])
  }

  @Test("A composed message is refused once, and has room when it is composed again")
  func composed() throws {
    let bench = Bench(outbox: Self.capacity, whenFull: .dropsOldest)
    for number in 1...4 { try bench.publish("t", payload(number)) }
    #expect(throws: Failure.outboxFull) { try bench.publish("t", payload(5)) }
    #expect(try bench.publish("t", payload(5)) == 5)
    #expect(throws: Failure.outboxFull) { try bench.publish("u", pieces: 1_000) }
    #expect(try bench.publish("u", pieces: 1_000) == 6)
    #expect(try bench.take().map(\.token).prefix(2) == [1, 2])
  }

  @Test("A message in pieces makes way before it has begun, and then another can follow it")
  func pieces() throws {
    let bench = Bench(outbox: Self.capacity, whenFull: .dropsOldest)
    let token = try bench.publish("t", pieces: 1_000)
    #expect(throws: Failure.sourceBusy) { try bench.publish("t", pieces: 1_000) }
    for number in 1...4 { try bench.store(payload(number)) }
    #expect(try bench.take().first == .dropped(token))
    #expect(throws: Failure.outboxFull) { try bench.publish("t", pieces: 1_000) }
    #expect(try bench.publish("t", pieces: 1_000) > 0)

    let busy = try self.bench(.dropsOldest)
    bench.source = { _, room in [UInt8](repeating: 7, count: room) }
    let sourced = try busy.publish("t", pieces: 1_000)
    busy.source = { _, room in [UInt8](repeating: 7, count: room) }
    _ = busy.transmit(limit: 100)
    for number in 1...4 { _ = try? busy.store(payload(number)) }
    #expect(try busy.take().allSatisfy { $0.token != sourced })
    #expect(throws: Failure.sourceBusy) { try busy.publish("t", pieces: 1_000) }
  }

  @Test("What was dropped keeps its token until that is told, and is no message any more")
  func untold() throws {
    let bench = Bench(outbox: Self.capacity, whenFull: .dropsOldest)
    for number in 1...5 { try bench.store(payload(number)) }
    #expect(throws: Failure.state) { try bench.session.drop(1) }
    try bench.greet()
    _ = bench.transmit()
    // A connection begins and ends in between.
    bench.session.lost()
    try bench.greet()
    _ = bench.transmit()
    #expect(try bench.receive(Server.accepted()) == [.dropped(1), .dropped(2), Note(kind: .connected)])
    #expect(try finish(bench) == [3, 4, 5])
  }
}
