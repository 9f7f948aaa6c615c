import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// Each rule that a server can break has its own error, so that a log says which.
struct MalformedTests {
  /// What is sent to a client that has connected, subscribed to two filters (1), unsubscribed (2), published (3).
  static let connected: [(String, Failure)] = [
    ("00 00", .packetType), ("10 00", .packetType), ("50 02 00 01", .packetType), ("60 02 00 01", .packetType),
    ("62 02 00 01", .packetType), ("70 02 00 01", .packetType), ("80 02 00 01", .packetType),
    ("82 02 00 01", .packetType), ("a0 02 00 01", .packetType), ("a2 02 00 01", .packetType), ("c0 00", .packetType),
    ("e0 00", .packetType), ("f0 00", .packetType), ("ff 00", .packetType), ("50 ff ff 7f", .packetType),

    ("21 02 00 00", .flags), ("41 02 00 03", .flags), ("42 02 00 03", .flags), ("44 02 00 03", .flags),
    ("48 02 00 03", .flags), ("91 04 00 01 00 00", .flags), ("92 04 00 01 00 00", .flags), ("b2 02 00 02", .flags),
    ("d1 00", .flags), ("d8 00", .flags), ("49 ff ff ff 7f", .flags),

    ("36 07 00 01 74 00 01 00 00", .qualityOfService), ("37 00", .qualityOfService), ("3e 00", .qualityOfService),
    ("34 07 00 01 74 00 01 00 00", .qualityOfService2), ("35 00", .qualityOfService2), ("3c 00", .qualityOfService2),
    ("38 03 00 01 74", .duplicateFlag), ("39 03 00 01 74", .duplicateFlag),

    ("20 00", .length), ("20 01 00", .length), ("20 03 00 00 00", .length), ("40 00", .length), ("40 01 00", .length),
    ("40 03 00 03 00", .length), ("40 ff ff ff 7f", .length), ("90 00", .length), ("90 01 00", .length),
    ("90 02 00 01", .length), ("90 ff ff ff 7f", .length), ("b0 00", .length), ("b0 01 00", .length),
    ("b0 03 00 02 00", .length), ("d0 01 00", .length), ("d0 02 00 00", .length), ("d0 ff ff ff 7f", .length),
    ("30 00", .length), ("30 01 00", .length), ("32 00", .length), ("32 01 00", .length),

    ("30 02 00 01", .stringLength), ("30 03 00 02 74", .stringLength), ("30 03 ff ff 74", .stringLength),
    ("30 05 01 03 74 74 74", .stringLength), ("32 03 00 01 74", .stringLength), ("32 04 00 01 74 00", .stringLength),
    ("32 05 00 02 74 00 01", .stringLength),

    ("30 02 00 00", .topic), ("30 03 00 00 74", .topic), ("32 05 00 00 00 01 00", .topic), ("30 03 00 01 00", .topic),
    ("30 03 00 01 ff", .topic), ("30 04 00 02 c0 80", .topic), ("30 05 00 03 ed a0 80", .topic),
    ("30 03 00 01 c3", .topic),

    ("40 02 00 00", .packetIdentifier), ("90 03 00 00 00", .packetIdentifier), ("b0 02 00 00", .packetIdentifier),
    ("32 05 00 01 74 00 00", .packetIdentifier), ("3a 06 00 01 74 00 00 09", .packetIdentifier),

    ("20 02 00 00", .connackUnexpected), ("20 02 01 00", .connackUnexpected), ("20 02 ff ff", .connackUnexpected),

    ("90 03 00 01 00", .subackCount), ("90 05 00 01 00 00 00", .subackCount),
    ("90 04 00 01 00 03", .subackCode), ("90 04 00 01 7f 00", .subackCode), ("90 04 00 01 81 00", .subackCode),
    ("90 04 00 01 00 ff", .subackCode),
  ]

  /// What is sent to a client that waits for CONNACK.
  static let greeting: [(String, Failure)] = [
    ("30 03 00 01 74", .connackExpected), ("40 02 00 01", .connackExpected), ("d0 00", .connackExpected),
    ("90 03 00 01 00", .connackExpected), ("00 00", .connackExpected), ("ff 00", .connackExpected),
    ("22 02 00 00", .flags), ("2f 02 00 00", .flags), ("20 00", .length), ("20 01 00", .length),
    ("20 03 00 00 00", .length), ("20 ff 7f", .length),
    ("20 02 02 00", .connackFlags), ("20 02 80 00", .connackFlags), ("20 02 ff 05", .connackFlags),
    ("20 02 00 06", .connackCode), ("20 02 00 80", .connackCode), ("20 02 01 ff", .connackCode),
    ("20 02 01 01", .sessionPresent), ("20 02 01 05", .sessionPresent),
    ("20 ff ff ff ff 00", .remainingLength),
  ]

  private func ready() throws -> Bench {
    let bench = Bench()
    try bench.connect()
    try bench.subscribe(["a", "b"])
    try bench.unsubscribe(["a"])
    try bench.publish()
    _ = bench.transmit()
    return bench
  }

  @Test("After CONNACK", arguments: connected)
  func afterConnack(_ bytes: String, _ expected: Failure) throws {
    // The same whether it comes alone, byte by byte, or with more behind it; and again when asked again.
    #expect(try ready().failure(hex(bytes)) == expected)
    #expect(try ready().failure(hex(bytes), step: 1) == expected)
    let more = try ready()
    #expect(more.failure(hex(bytes) + Server.message("more", [1, 2, 3])) == expected)
    #expect(more.notes.count == 1)
  }

  @Test("Before CONNACK", arguments: greeting)
  func beforeConnack(_ bytes: String, _ expected: Failure) throws {
    for (step, more) in [(Int.max, []), (1, []), (Int.max, Server.accepted())] {
      let bench = Bench()
      try bench.greet()
      _ = bench.transmit()
      #expect(bench.failure(hex(bytes) + more, step: step) == expected)
      #expect(bench.notes == [])
    }
  }

  @Test("A kept session after a clean one was asked for")
  func cleanSession() throws {
    let bench = Bench()
    try bench.greet(.cleanSession)
    _ = bench.transmit()
    #expect(bench.failure(Server.accepted(present: true)) == .sessionPresent)
  }

  @Test("The numbers are those of mote.h")
  func numbers() {
    let errors: [Failure] = [
      .remainingLength, .packetType, .flags, .qualityOfService, .qualityOfService2, .duplicateFlag, .length,
      .stringLength, .topic, .packetIdentifier, .connackExpected, .connackUnexpected, .connackFlags, .connackCode,
      .sessionPresent, .subackCode, .subackCount, .keepAlive,
    ]
    #expect(errors.map(\.code) == (100...117).map { -$0 })
    let requests: [Failure] = [.outboxFull, .tooLarge, .invalidTopic, .identifiers, .sourceBusy]
    #expect(requests.map(\.code) == (150...154).map { -$0 })
    #expect([Failure.state, .timedOut].map(\.code) == [-5, -26])
  }

  @Test("Acknowledgements for nothing in flight, and of another kind, are passed over")
  func strangers() throws {
    let bench = try ready()
    let strangers = [
      "40 02 00 01", "40 02 00 09", "90 03 00 03 00", "90 03 00 02 07", "b0 02 00 01", "b0 02 00 03", "d0 00",
    ]
    for bytes in strangers { #expect(try bench.receive(hex(bytes)) == []) }
    let notes = try bench.receive(hex("90 04 00 01 01 80 b0 02 00 02 40 02 00 03"))
    #expect(notes.map(\.kind) == [.subscribed, .unsubscribed, .acknowledged])
    #expect(notes.map(\.token) == [1, 2, 3])
    #expect(notes[0].payload == [1, 0x80])
  }
}
