import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// A hostile server: whatever comes, nothing traps, every error is one that has a name, and after the connection is
/// lost the session works as before.
struct MutationTests {
  /// Each kind of packet, small and larger than the smallest buffer.
  static let streams: [[UInt8]] = [
    Server.accepted(),
    Server.message("t/é", [1, 2, 3]),
    Server.message("t", [9], identifier: 5, duplicate: true),
    Server.acknowledgement(3),
    Server.subscribed(1, [0, 1]),
    Server.unsubscribed(2),
    Server.pong,
    Server.message("t", [UInt8](repeating: 0x30, count: 300), identifier: 7),
    Server.message(String(repeating: "t", count: 250), [1, 2, 3], identifier: 7),
    Server.message(String(repeating: "t", count: 140)),
  ]

  /// Sends `bytes` to a client with packets of each kind in flight, then loses the connection.
  private func survive(_ bytes: [UInt8], receive: Int, greeting: Bool = false, step: Int = .max) throws {
    let bench = Bench(receive: receive, outbox: 256)
    try bench.greet()
    _ = bench.transmit()
    if !greeting {
      try bench.receive(Server.accepted())
      try bench.subscribe(["a", "b"])
      try bench.unsubscribe(["a"])
      try bench.publish("p", [1])
      _ = bench.transmit()
    }
    if let failure = bench.failure(bytes, step: step) {
      let code = failure.code
      if code != -5 && code != -26 && !(-117 ... -100).contains(code) && !(-134 ... -130).contains(code) {
        Issue.record("\(bytes) ended in \(code)")
      }
      // The contract is to stop here; a caller that goes on gets nonsense, but no trap.
      for _ in 0..<3 { _ = try? bench.take() }
    }
    for note in bench.notes where note.kind == .message && note.offset + note.payload.count > note.total {
      Issue.record("\(bytes) told more than its total")
    }
    _ = bench.transmit()
    try bench.reconnect(present: true)
    let message = Note.message("after", [1, 2, 3], token: 9, flags: 1)
    var told = try bench.receive(Server.message("after", [1, 2, 3], identifier: 9))
    for place in told.indices { told[place].token &= 0xFFFF }
    if told != [message] { Issue.record("\(bytes) broke the session") }
  }

  @Test("Each byte of each packet set to each value", arguments: streams.indices, [128, 129, 300, 512])
  func everyValue(_ stream: Int, _ receive: Int) throws {
    let bytes = MutationTests.streams[stream]
    for place in 0..<min(bytes.count, 14) {
      var mutated = bytes
      for value in UInt8.min...UInt8.max {
        mutated[place] = value
        try survive(mutated + Server.pong, receive: receive)
      }
    }
  }

  @Test("Each byte of CONNACK set to each value, while it is awaited")
  func connack() throws {
    for place in 0..<4 {
      var mutated = Server.accepted()
      for value in UInt8.min...UInt8.max {
        mutated[place] = value
        try survive(mutated + Server.message("t"), receive: 128, greeting: true)
      }
    }
  }

  @Test("Lengths of every kind before every packet", arguments: streams.indices)
  func lengths(_ stream: Int) throws {
    let lengths = [0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 129, 130, 16_383, 16_384, 2_097_152, 268_435_455]
    let bytes = MutationTests.streams[stream]
    let header = 1 + Server.remainingLength(bytes.count).count
    for length in lengths {
      for receive in [128, 129, 130, 131, 132, 133, 512] {
        let mutated = [bytes[0]] + Server.remainingLength(length) + bytes[min(header, bytes.count)...]
        try survive(mutated, receive: receive)
        try survive(mutated + mutated + mutated, receive: receive, step: 7)
      }
    }
  }

  @Test("Random damage to random streams in random pieces", arguments: 0..<24)
  func random(_ seed: Int) throws {
    var generator = Generator(state: UInt64(seed))
    for _ in 0..<250 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes += MutationTests.streams.randomElement(using: &generator) ?? []
      }
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 2 where bytes.count > 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        }
      }
      try survive(
        bytes, receive: Int.random(in: 128...600, using: &generator),
        greeting: UInt8.random(in: 0...9, using: &generator) == 0, step: Int.random(in: 1...80, using: &generator))
    }
  }

  @Test("Noise", arguments: 0..<8)
  func noise(_ seed: Int) throws {
    var generator = Generator(state: UInt64(seed) + 1_000)
    for _ in 0..<400 {
      let first: [UInt8] = [0x30, 0x32, 0x3A, 0x40, 0x90, 0xB0, 0xD0, 0x20]
      let bytes =
        [first.randomElement(using: &generator) ?? 0]
        + (0..<Int.random(in: 1...60, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try survive(bytes, receive: 128)
    }
  }
}
