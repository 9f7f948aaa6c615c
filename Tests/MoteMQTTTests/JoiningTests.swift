import MoteBytes
import MoteMQTT
import Testing

/// Messages at most once that wait one behind the other leave together, as many as a segment holds.
struct JoiningTests {
  private func connected(outbox: Int = 4_096) throws -> Bench {
    let bench = Bench(outbox: outbox, window: 8)
    try bench.connect()
    return bench
  }

  /// What is offered at once.
  private func offered(_ bench: Bench) -> [UInt8] {
    let region = bench.session.transmission(now: bench.now)
    return (0..<region.count).map { region[$0] }
  }

  @Test("Those that wait leave in one piece, in their order")
  func together() throws {
    let bench = try connected()
    for number: UInt8 in 1...3 { try bench.store([UInt8](repeating: number, count: Int(number)), .none) }
    let packets: [UInt8] = [0x30, 4, 0, 1, 0x74, 1, 0x30, 5, 0, 1, 0x74, 2, 2, 0x30, 6, 0, 1, 0x74, 3, 3, 3]
    #expect(offered(bench) == packets)
    // What is stored meanwhile leaves after them.
    try bench.store([4], .none)
    #expect(offered(bench) == packets)
    #expect(bench.transmit() == packets + [0x30, 4, 0, 1, 0x74, 4])
    #expect(bench.transmit() == [])
  }

  @Test("Also when fixed headers differ in length, and taken in parts", arguments: 1...9)
  func parts(_ step: Int) throws {
    let bench = try connected()
    let lengths = [0, 124, 125, 300, 1]
    for length in lengths { try bench.store([UInt8](repeating: 7, count: length), .none) }
    let packets = lengths.flatMap { Server.message("t", [UInt8](repeating: 7, count: $0)) }
    #expect(offered(bench) == packets)
    #expect(bench.transmit(step: step) == packets)
    #expect(bench.transmit() == [])
  }

  @Test("What is acknowledged leaves by itself, and what was sent before stays", arguments: 1...4)
  func mixed(_ step: Int) throws {
    let bench = try connected()
    let first = try bench.store([0])
    _ = bench.transmit()
    for number: UInt8 in 1...2 { try bench.store([number], .none) }
    let last = try bench.store([3])
    try bench.store([4], .none)
    #expect(offered(bench) == [0x30, 4, 0, 1, 0x74, 1, 0x30, 4, 0, 1, 0x74, 2])
    // An acknowledgement that comes meanwhile moves them.
    #expect(bench.transmit(limit: step).count == step)
    #expect(try bench.receive(Server.acknowledgement(first)) == [.acknowledged(first)])
    let (packets, rest) = parse([0x30, 4, 0, 1].prefix(step) + bench.transmit(step: step))
    #expect(packets.map(\.payload) == [[1], [2], [3], [4]] && rest.isEmpty)
    #expect(try bench.receive(Server.acknowledgement(last)) == [.acknowledged(last)])
    #expect(bench.transmit() == [])
  }

  @Test("No more leave together than a segment holds", arguments: [1, 100, 600, 700, 1_300, 1_380, 2_000])
  func limit(_ length: Int) throws {
    let bench = try connected()
    let packet = Server.message("t", [UInt8](repeating: 7, count: length))
    var count = 0
    while (try? bench.store([UInt8](repeating: 7, count: length), .none)) != nil { count += 1 }
    var pieces: [Int] = []
    while case let piece = offered(bench).count, piece > 0 {
      #expect(bench.transmit(limit: piece).count == piece)
      pieces.append(piece)
    }
    #expect(pieces.reduce(0, +) == count * packet.count)
    #expect(pieces.allSatisfy { $0 <= max(1_400, packet.count) && $0 % packet.count == 0 })
    // As many as fit; the header before the last counts too.
    #expect(pieces.dropLast().allSatisfy { $0 + packet.count + 15 > 1_400 })
  }

  @Test(
    "Of those that leave together, what has not begun to is stored as before when the connection is lost",
    arguments: 0...19)
  func lost(_ count: Int) throws {
    let bench = try connected(outbox: 128)
    bench.now = 1_000
    let first = try bench.store([0])
    _ = bench.transmit()
    for number: UInt8 in 1...3 { try bench.store([number], .none, expires: UInt64(number) * 10_000) }
    #expect(offered(bench).count == 18)
    #expect(bench.transmit(limit: count).count == min(count, 18))
    bench.session.lost()
    #expect(try bench.take() == [])
    // Of 128 bytes 4 are nobody's; a message takes 20 beside its payload, 22 when it is acknowledged.
    let left = max(0, 3 - (count + 5) / 6)
    let room = 128 - 4 - 23 - left * 21 - 20
    #expect(throws: Failure.outboxFull) { try bench.store([UInt8](repeating: 9, count: room + 1), .none) }
    try bench.store([UInt8](repeating: 9, count: room), .none)
    try bench.connect(present: true)
    #expect(bench.dropped == 0)
    let packets = bench.packets()
    let payloads: [[UInt8]] = (0...3).filter { $0 == 0 || $0 > 3 - left }.map { [UInt8($0)] }
    #expect(packets.map(\.payload) == payloads + [[UInt8](repeating: 9, count: room)])
    #expect(try bench.receive(Server.acknowledgement(first)) == [.acknowledged(first)])
    #expect(bench.transmit() == [])
  }

  @Test("Each keeps its own time to expire, and counts as one")
  func expiry() throws {
    let bench = try connected()
    for number: UInt8 in 1...4 { try bench.store([number], .none, expires: UInt64(number) * 10_000) }
    bench.now = 10_240
    // The first has expired; the others leave together, and do not expire meanwhile.
    #expect(offered(bench) == [2, 3, 4].flatMap { Server.message("t", [$0]) })
    #expect(bench.dropped == 1)
    bench.now = 30_720
    #expect(try bench.take() == [] && bench.dropped == 1)
    bench.session.lost()
    #expect(try bench.take() == [] && bench.dropped == 3)
    try bench.connect(present: true)
    #expect(bench.transmit() == Server.message("t", [4]))
  }

  @Test("Those of one connection only leave with the others, and are forgotten with it", arguments: [0, 7])
  func fleeting(_ count: Int) throws {
    let bench = try connected()
    for number: UInt8 in 1...4 { try bench.publish("t", [number], number % 2 == 0 ? .fleeting : .none) }
    #expect(offered(bench) == (1...4).flatMap { Server.message("t", [$0]) })
    #expect(bench.transmit(limit: count).count == count)
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.payload) == (count == 0 ? [[1], [3]] : [[3]]))
  }

  @Test("What was dropped between them stays untouched until it is told")
  func dropped() throws {
    let bench = Bench(outbox: 4_096, window: 8)
    try bench.connect()
    try bench.store([1], .none)
    let token = try bench.store([2], expires: 3_000)
    for number: UInt8 in 3...4 { try bench.store([number], .none) }
    bench.now = 5_000
    #expect(offered(bench) == Server.message("t", [1]))
    #expect(bench.transmit() == [1, 3, 4].flatMap { Server.message("t", [$0]) })
    #expect(try bench.take() == [.expired(token)])
    #expect(bench.transmit() == [])
  }

  @Test("One of them that makes way is the oldest or newest alone", arguments: [WhenFull.dropsOldest, .dropsNewest])
  func makingWay(_ whenFull: WhenFull) throws {
    let bench = Bench(outbox: 4 + 4 * 40, whenFull: whenFull)
    try bench.connect()
    for number: UInt8 in 1...4 { try bench.store([UInt8](repeating: number, count: 20), .none) }
    #expect(offered(bench).count == 4 * 25)
    // While they leave none can.
    #expect(throws: Failure.outboxFull) { try bench.store([5], .none) }
    bench.session.lost()
    try bench.store([5], .none)
    #expect(bench.dropped == 1)
    try bench.connect()
    #expect(
      bench.packets().compactMap { $0.payload?.first } == (whenFull == .dropsOldest ? [2, 3, 4, 5] : [1, 2, 3, 5]))
  }
}
