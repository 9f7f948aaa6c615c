import MoteBytes
import MoteMQTT
import Testing

/// Bytes come in whatever pieces TCP, TLS and WebSockets make of them; the events are the same.
struct SplitTests {
  /// Each kind of packet that a server sends, and what it tells a client that ``bench()`` made.
  static let kinds: [(bytes: [UInt8], notes: [Note])] = [
    (Server.message("t"), [.message("t", [])]),
    (Server.message("topic/é", [1, 2, 3], retain: true), [.message("topic/é", [1, 2, 3], flags: 2)]),
    (
      Server.message("t", [9, 8], identifier: 0x1234, duplicate: true),
      [.message("t", [9, 8], token: 0x1234, flags: 5)]
    ),
    (Server.message("u", [UInt8](repeating: 5, count: 300)), [.message("u", [UInt8](repeating: 5, count: 300))]),
    (Server.acknowledgement(3), [.acknowledged(3)]),
    (Server.subscribed(1, [0, 0x80]), [Note(kind: .subscribed, token: 1, payload: [0, 0x80])]),
    (Server.unsubscribed(2), [Note(kind: .unsubscribed, token: 2)]),
    (Server.pong, []),
  ]

  /// One that has subscribed (1), unsubscribed (2) and published (3).
  private func bench(receive: Int = 512) throws -> Bench {
    let bench = Bench(receive: receive)
    try bench.greet()
    _ = bench.transmit()
    return bench
  }

  private func ready(_ bench: Bench) throws {
    try bench.subscribe(["a", "b"])
    try bench.unsubscribe(["a"])
    try bench.publish()
    _ = bench.transmit()
    bench.notes = []
  }

  @Test("Each kind of packet, split at each byte", arguments: kinds.indices)
  func everyByte(_ kind: Int) throws {
    let (bytes, notes) = SplitTests.kinds[kind]
    for split in 0...bytes.count {
      let bench = try bench()
      try bench.receive(Server.accepted())
      try ready(bench)
      let first = try bench.receive(Array(bytes[..<split]))
      #expect(first == (split == bytes.count ? notes : []), "an event before the end, at \(split)")
      try bench.receive(Array(bytes[split...]))
      #expect(bench.notes == notes, "split at \(split)")
    }
  }

  @Test("CONNACK, split at each byte")
  func connack() throws {
    for split in 0...4 {
      let bench = try bench()
      try bench.receive(Array(Server.accepted(present: true)[..<split]))
      try bench.receive(Array(Server.accepted(present: true)[split...]))
      #expect(bench.notes == [Note(kind: .connected, sessionPresent: true)])
    }
  }

  @Test("All kinds one behind the other, in pieces of each size", arguments: 1...64)
  func together(_ step: Int) throws {
    let bench = try bench()
    try bench.receive(Server.accepted(), step: step)
    try ready(bench)
    try bench.receive(SplitTests.kinds.map(\.bytes).reduce([], +), step: step)
    #expect(bench.notes == SplitTests.kinds.map(\.notes).reduce([], +))
    #expect(bench.unread == 0)
    #expect(bench.packets() == [.acknowledgement(0x1234)])
  }

  @Test("All kinds received before any event is taken")
  func coalesced() throws {
    let bench = try bench()
    try bench.receive(Server.accepted())
    try ready(bench)
    let bytes = SplitTests.kinds.map(\.bytes).reduce([], +)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    #expect(try bench.take() == SplitTests.kinds.map(\.notes).reduce([], +))
  }

  @Test("A truncated packet tells nothing, ever", arguments: kinds.indices)
  func truncated(_ kind: Int) throws {
    let bytes = SplitTests.kinds[kind].bytes
    for count in 0..<bytes.count {
      let bench = try bench()
      try bench.receive(Server.accepted())
      try ready(bench)
      #expect(try bench.receive(Array(bytes[..<count])) == [])
      #expect(try bench.take() == [])
      bench.session.lost()
      #expect(try bench.take() == [])
      try bench.connect()
      #expect(bench.notes.map(\.kind) == [.connected])
    }
  }

  @Test("A message larger than the buffer, in pieces of each size, is the same message", arguments: 1...140)
  func large(_ step: Int) throws {
    let payload = (0..<500).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for identifier in [nil, 77] {
      let bench = try bench(receive: 128)
      try bench.receive(Server.accepted())
      bench.notes = []
      try bench.receive(
        Server.message("some/topic", payload, identifier: identifier) + Server.message("t", [1]), step: step)
      let (large, last) = (bench.notes.dropLast(), bench.notes.last)
      #expect(last == .message("t", [1]))
      #expect(large.map(\.payload).reduce([], +) == payload)
      #expect(large.first?.topic == "some/topic")
      #expect(large.dropFirst().allSatisfy { $0.topic == "" && $0.topicCount == 0 })
      #expect(large.map(\.token) == [Int](repeating: 0, count: large.count - 1) + [identifier ?? 0])
      #expect(large.allSatisfy { $0.total == 500 && $0.kind == .message && $0.flags == (identifier == nil ? 0 : 1) })
      var offset = 0
      for note in large {
        #expect(note.offset == offset)
        offset += note.payload.count
      }
    }
  }
}
