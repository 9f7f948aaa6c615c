import MoteBytes
import MoteMQTT
import Testing

/// Messages that are dropped when they have not left in time.
struct ExpiryTests {
  /// When a message that expires at `time` is dropped: in steps of 1,024 ms.
  private func end(_ time: UInt64) -> UInt64 { (time + 1_023) / 1_024 * 1_024 }

  @Test(
    "Not before its time, and within about a second after",
    arguments: [1, 1_000, 1_023, 1_024, 1_025, 99_999] as [UInt64],
    [MessageFlags.none, .acknowledged])
  func time(_ time: UInt64, _ flags: MessageFlags) throws {
    let told: [Note] = flags.contains(.acknowledged) ? [.expired(1)] : []
    let bench = Bench()
    bench.now = end(time) - 1
    try bench.store([1], flags, expires: time)
    #expect(try bench.take() == [] && bench.dropped == 0)
    bench.now = end(time)
    #expect(bench.now >= time && bench.now - time < 1_024)
    #expect(try bench.take() == told && bench.dropped == 1)
    #expect(try bench.take() == [])
    try bench.connect()
    #expect(bench.transmit() == [])
  }

  @Test("In its time it leaves, and what has left does not expire")
  func left() throws {
    let bench = Bench(response: 1_000_000)
    try bench.connect()
    try bench.store([1], expires: 5_000)
    #expect(bench.packets().count == 1)
    bench.now = 50_000
    #expect(try bench.take() == [])
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
  }

  @Test("What left by an earlier connection expires before it leaves again")
  func again() throws {
    let bench = Bench(response: 1_000_000)
    try bench.connect()
    try bench.store([1], expires: 5_000)
    try bench.store([2], expires: 500_000)
    #expect(bench.packets().count == 2)
    bench.now = 50_000
    #expect(try bench.take() == [])
    bench.session.lost()
    #expect(try bench.take() == [.expired(1)])
    try bench.connect(present: true)
    #expect(bench.packets().map(\.payload) == [[2]])
    #expect(bench.resent == 1)
  }

  @Test("It is looked at when a message would leave, without an event taken in between")
  func leaving() throws {
    let bench = Bench(window: 1)
    try bench.connect()
    for number in 1...4 as ClosedRange<UInt8> { try bench.store([number], expires: number % 2 == 0 ? 3_000 : 90_000) }
    #expect(bench.packets().map(\.payload) == [[1]])
    bench.now = 5_000
    try bench.receive(Server.acknowledgement(1))
    #expect(bench.packets().map(\.payload) == [[3]])
    bench.now = 100_000
    let space = bench.session.space()
    space.copy(Server.acknowledgement(3).span, to: 0)
    bench.session.received(4)
    #expect(bench.packets() == [])
    #expect(try bench.take() == [.acknowledged(3)])
    #expect(bench.notes.filter { $0.kind == .expired }.map(\.token) == [2, 4])
  }

  @Test("One that is leaving is not stopped, and expires when the connection ends first")
  func midway() throws {
    let bench = Bench()
    try bench.connect()
    try bench.store([1, 2, 3], expires: 3_000)
    #expect(bench.transmit(limit: 4).count == 4)
    bench.now = 9_000
    #expect(try bench.take() == [])
    bench.session.lost()
    #expect(try bench.take() == [.expired(1)])
  }

  @Test("It gives its room back", arguments: [WhenFull.refuses, .dropsOldest])
  func room(_ whenFull: WhenFull) throws {
    let bench = Bench(outbox: 128, whenFull: whenFull)
    try bench.store([UInt8](repeating: 1, count: 60), expires: 4_000)
    bench.now = 8_000
    #expect(try bench.take() == [.expired(1)])
    #expect(try bench.store([UInt8](repeating: 2, count: 60)) == 2)
    #expect(bench.dropped == 1)
  }

  @Test("A time that never comes", arguments: [0, .max, .max - 1, 1 << 63, 1 << 62 + 5] as [UInt64])
  func never(_ time: UInt64) throws {
    let bench = Bench()
    try bench.store([1], expires: time)
    bench.now = 1 << 41
    #expect(try bench.take() == [])
    try bench.connect()
    #expect(bench.packets().count == 1)
  }

  @Test("A message in pieces expires before it has begun")
  func pieces() throws {
    let bench = Bench()
    var writer = bench.session.compose()
    writer.append(UInt8(ascii: "t"))
    #expect(try bench.session.publish(writer, pieces: 1_000, .none, expires: 2_000) == 1)
    bench.now = 4_000
    #expect(try bench.take() == [.expired(1)])
    #expect(try bench.publish("t", pieces: 10) == 2)
    bench.source = { _, room in [UInt8](repeating: 7, count: room) }
    try bench.connect()
    #expect(bench.packets().map(\.payload) == [[UInt8](repeating: 7, count: 10)])
  }
}
