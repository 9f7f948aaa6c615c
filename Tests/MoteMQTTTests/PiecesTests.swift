import MoteBytes
import MoteMQTT
import Testing

/// A payload that is asked for in pieces, so that a message may be larger than any memory here.
struct PiecesTests {
  /// The byte at `offset` of the payload.
  private static func byte(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 31 ^ offset >> 8) }

  private static func payload(_ length: Int) -> [UInt8] { (0..<length).map(byte) }

  /// Connected, with a source that gives at most `most` bytes at a time and notes the offsets that it is asked for.
  private final class Source {
    let bench: Bench
    var offsets: [Int] = []

    init(outbox: Int = 512, most: Int = .max) throws {
      bench = Bench(outbox: outbox)
      try bench.connect()
      bench.source = { [unowned self] offset, room in
        offsets.append(offset)
        return (offset..<offset + min(room, most)).map(PiecesTests.byte)
      }
    }
  }

  @Test(
    "256 KiB leave through 512 bytes, whatever the transport and the source take at a time",
    arguments: [
      (Int.max, Int.max), (100, .max), (.max, 1), (7, 33),
    ])
  func large(_ step: Int, _ most: Int) throws {
    let length = most == 1 || step == 7 ? 20_000 : 262_144
    let source = try Source(most: most)
    #expect(try source.bench.publish("devices/d/messages/events/", pieces: length) == 1)
    let bytes = source.bench.transmit(step: step)
    #expect(bytes == Server.message("devices/d/messages/events/", PiecesTests.payload(length), identifier: 1))
    #expect(source.offsets == source.offsets.sorted())
    #expect(try source.bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
    try source.bench.publish("t", [1])
    #expect(source.bench.packets().map(\.payload) == [[1]])
  }

  @Test(
    "Lost in the middle, it is asked for again from 0 and leaves with DUP", arguments: [1, 20, 40, 600, 4_999, 5_033])
  func lost(_ count: Int) throws {
    let source = try Source()
    let bench = source.bench
    try bench.publish("devices/d/messages/events/", pieces: 5_000)
    #expect(bench.transmit(limit: count).count == count)
    source.offsets = []
    try bench.reconnect(present: true)
    let message = Server.message(
      "devices/d/messages/events/", PiecesTests.payload(5_000), identifier: 1, duplicate: true)
    #expect(bench.transmit() == message)
    #expect(source.offsets.first == 0)
    // Sent wholly and not acknowledged: once more.
    try bench.reconnect(present: true)
    #expect(bench.transmit() == message)
    try bench.reconnect(present: false)
    #expect(
      bench.transmit() == Server.message("devices/d/messages/events/", PiecesTests.payload(5_000), identifier: 1))
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
    try bench.reconnect(present: true)
    #expect(bench.transmit() == [])
  }

  @Test("An empty payload, and one that fits at once", arguments: [0, 1, 31, 32, 33, 256])
  func small(_ length: Int) throws {
    let source = try Source(outbox: 2048)
    try source.bench.publish("t", pieces: length, .retain)
    try source.bench.publish("u", [9])
    #expect(
      source.bench.transmit()
        == Server.message("t", PiecesTests.payload(length), identifier: 1, retain: true)
        + Server.message("u", [9], identifier: 2))
    #expect(source.offsets == (length == 0 ? [] : [0]))
  }

  @Test("There is one at a time, until it is acknowledged")
  func busy() throws {
    let source = try Source()
    let bench = source.bench
    try bench.publish("t", pieces: 50)
    #expect(throws: Failure.sourceBusy) { try bench.publish("t", pieces: 1) }
    _ = bench.transmit()
    #expect(throws: Failure.sourceBusy) { try bench.publish("t", pieces: 1) }
    bench.session.lost()
    #expect(throws: Failure.sourceBusy) { try bench.publish("t", pieces: 1) }
    try bench.connect(present: true)
    _ = bench.transmit()
    try bench.receive(Server.acknowledgement(1))
    #expect(try bench.publish("t", pieces: 1) == 2)
  }

  @Test("Others keep their place before and behind it, and are stored while it leaves", arguments: [0, 10, 50, 90])
  func order(_ split: Int) throws {
    let source = try Source(outbox: 256)
    let bench = source.bench
    try bench.publish("a", [1])
    try bench.publish("p", pieces: 100)
    var bytes = bench.transmit(limit: split)
    // Room for it is in front of what leaves, so that everything moves.
    if split > 8 { try bench.receive(Server.acknowledgement(1)) }
    _ = try? bench.publish("b", [2])
    bytes += bench.transmit()
    let (packets, rest) = parse(bytes)
    #expect(rest == [])
    #expect(packets.prefix(2).map(\.payload) == [[1], PiecesTests.payload(100)])
    #expect(packets.dropFirst(2).allSatisfy { $0.payload == [2] })
  }

  @Test("Entries that move under a wanted piece move it along")
  func moving() throws {
    let bench = Bench(outbox: 256)
    try bench.connect()
    for number in 1...3 { try bench.publish("t", [UInt8(number)]) }
    try bench.publish("p", pieces: 2_000)
    var bytes = bench.transmit()
    var offset = 0
    var added = 0
    while let wanted = bench.session.wanted {
      #expect(wanted.offset == offset)
      if offset < 300 { try bench.receive(Server.acknowledgement(3 - offset / 100)) }
      if (try? bench.publish("q", [7])) != nil { added += 1 }
      guard let again = bench.session.wanted else { break }
      let piece = (offset..<offset + min(again.room.count, 50)).map(PiecesTests.byte)
      again.room.copy(piece.span, to: 0)
      try bench.session.supplied(piece.count)
      offset += piece.count
      bytes += bench.transmit(limit: 20)
      if (try? bench.publish("q", [7])) != nil { added += 1 }
      bytes += bench.transmit()
    }
    bytes += bench.transmit()
    let (packets, rest) = parse(bytes)
    #expect(rest == [])
    #expect(added > 0)
    #expect(packets.map(\.payload).prefix(4) == [[1], [2], [3], PiecesTests.payload(2_000)])
  }

  @Test("PUBACK and PINGREQ wait until it has left")
  func notTorn() throws {
    let source = try Source()
    let bench = source.bench
    try bench.publish("t", pieces: 3_000)
    let first = bench.transmit(limit: 1_000)
    try bench.receive(Server.message("in", [], identifier: 5))
    bench.now += 500_000
    let (packets, rest) = parse(first + bench.transmit())
    #expect(packets.map(\.payload) == [PiecesTests.payload(3_000), nil])
    #expect(packets.last == .acknowledgement(5))
    #expect(rest == [])
  }

  @Test("Nothing can be supplied that is not wanted, nor more than is")
  func supplied() throws {
    let bench = Bench()
    try bench.connect()
    #expect(bench.wanted == nil)
    #expect(throws: Failure.state) { try bench.session.supplied(0) }
    try bench.publish("t", pieces: 40)
    #expect(bench.wanted == nil)
    #expect(bench.transmit(limit: 3).count == 3)
    #expect(bench.wanted == nil)
    _ = bench.transmit()
    #expect(bench.wanted?.count == 40)
    #expect(bench.wanted?.offset == 0)
    #expect(throws: Failure.state) { try bench.session.supplied(41) }
    #expect(throws: Failure.state) { try bench.session.supplied(-1) }
    try bench.session.supplied(0)
    #expect(bench.wanted?.offset == 0)
    try bench.session.supplied(10)
    #expect(bench.wanted == nil)
    #expect(throws: Failure.state) { try bench.session.supplied(1) }
    #expect(bench.transmit(limit: 9).count == 9)
    #expect(bench.wanted == nil)
    #expect(bench.transmit().count == 1)
    #expect(bench.wanted?.offset == 10)
    #expect(bench.wanted?.count == 30)
    bench.session.lost()
    #expect(bench.wanted == nil)
  }

  @Test("Dropped after a loss, it is gone, its room is free and another may come", arguments: [0, 5, 500, 2_013])
  func drop(_ count: Int) throws {
    let source = try Source(outbox: 2_048)
    let bench = source.bench
    try bench.publish("a", [1])
    let token = try bench.publish("p", pieces: 2_000)
    try bench.publish("b", [2])
    _ = bench.transmit(limit: count)
    bench.session.lost()
    #expect(bench.session.dropPieces() == token)
    #expect(bench.session.dropPieces() == 0)
    try bench.connect(present: true)
    #expect(bench.packets().map(\.payload) == [[1], [2]])
    #expect(bench.wanted == nil)
    #expect(try bench.receive(Server.acknowledgement(token)) == [])
    #expect(try bench.publish("p", pieces: 100) == 4)
    #expect(bench.packets().map(\.payload) == [PiecesTests.payload(100)])
  }
}
