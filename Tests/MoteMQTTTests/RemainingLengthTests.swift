import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// The Remaining Length (2.2.3) at each edge, both ways; the largest needs no memory, since a payload can be sourced.
struct RemainingLengthTests {
  static let edges = [
    (5, "05"), (127, "7f"), (128, "80 01"), (16383, "ff 7f"), (16384, "80 80 01"), (2_097_151, "ff ff 7f"),
    (2_097_152, "80 80 80 01"), (268_435_455, "ff ff ff 7f"),
  ]

  @Test("A sourced message's length is encoded in the fewest bytes", arguments: edges)
  func sourced(_ length: Int, _ expected: String) throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", pieces: length - 5)
    #expect(bench.transmit() == [0x32] + hex(expected) + hex("00 01 74 00 01"))
  }

  @Test("A stored message's length, too", arguments: [127, 128, 16383, 16384])
  func stored(_ length: Int) throws {
    let bench = Bench(outbox: 20_000)
    try bench.connect()
    let payload = [UInt8](repeating: 7, count: length - 3)
    try bench.publish("t", payload, .none)
    #expect(bench.transmit() == Server.message("t", payload))
  }

  @Test("CONNECT's length of two bytes")
  func connect() throws {
    let bench = Bench()
    let password = [UInt8](repeating: 1, count: 200)
    var writer = bench.session.composeConnect(.password)
    writer.appendField(password.span)
    try bench.session.connect(writer, .password, now: 0)
    #expect(bench.transmit().starts(with: hex("10 d4 01 00 04 4d 51 54 54 04 40 00 f0 00 c8 01")))
  }

  @Test("One more than the largest is too large, and leaves nothing behind")
  func tooLarge() throws {
    let bench = Bench()
    try bench.connect()
    #expect(throws: Failure.tooLarge) { try bench.publish("t", pieces: 268_435_451) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", pieces: .max) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", pieces: -1) }
    #expect(bench.transmit() == [])
    #expect(try bench.publish("t", pieces: 268_435_450) == 1)
  }

  @Test("A received message of each length arrives whole", arguments: [0, 1, 123, 124, 125, 16379, 16380, 16381])
  func received(_ length: Int) throws {
    let bench = Bench(receive: 16_400)
    try bench.connect()
    let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try bench.receive(Server.message("t", payload)) == [.message("t", payload)])
  }

  @Test("The largest length is announced with its total")
  func largest() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    let notes = try bench.receive(hex("30 ff ff ff 7f 00 01 74") + [UInt8](repeating: 1, count: 120))
    #expect(notes.first?.topic == "t")
    #expect(notes.allSatisfy { $0.total == 268_435_452 })
    #expect(notes.map(\.payload.count).reduce(0, +) == 120)
  }

  @Test("A length need not be in the fewest bytes")
  func padded() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish()
    _ = bench.transmit()
    #expect(try bench.receive(hex("40 82 80 80 00 00 01")) == [.acknowledged(1)])
    #expect(try bench.receive(hex("30 84 80 00 00 01 74 09")) == [.message("t", [9])])
  }

  @Test("A fifth byte is refused, in every packet", arguments: 0...15)
  func five(_ type: Int) throws {
    let bench = Bench()
    try bench.connect()
    #expect(bench.failure([UInt8(type << 4)] + hex("ff ff ff ff 7f")) == .remainingLength)
  }
}
