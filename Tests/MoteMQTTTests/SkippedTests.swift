import MoteBytes
import MoteMQTT
import Testing

/// A message whose topic does not fit is passed over and said so; else the server would send it for ever.
struct SkippedTests {
  /// The longest topic that fits a buffer of 128 with both headers and the identifier, before `length` bytes.
  private func longest(before length: Int) -> Int {
    (0...128).last { 1 + Server.remainingLength($0 + 4 + length).count + 2 + $0 + 2 <= 128 } ?? 0
  }

  @Test("Both sizes are told, PUBACK leaves, and the next message comes", arguments: [1, 2, 3, 50, 128], [0, 1, 700])
  func skipped(_ step: Int, _ length: Int) throws {
    for identifier in [nil, 0x0102] {
      let bench = Bench(receive: 128)
      try bench.connect()
      bench.notes = []
      let message = Server.message(
        String(repeating: "é", count: 150), [UInt8](repeating: 0x32, count: length), identifier: identifier)
      try bench.receive(message + Server.message("t", [1]), step: step)
      #expect(bench.notes == [Note(kind: .skipped, topicCount: 300, total: length), .message("t", [1])])
      #expect(bench.packets() == (identifier == nil ? [] : [.acknowledgement(0x0102)]))
    }
  }

  @Test("The longest topic that fits is told with its message, one byte more is skipped", arguments: [0, 1, 300])
  func boundary(_ length: Int) throws {
    for (more, kind) in [(0, Event.Kind.message), (1, .skipped)] {
      for step in [1, 7, Int.max] {
        let count = longest(before: length) + more
        let bench = Bench(receive: 128)
        try bench.connect()
        bench.notes = []
        let topic = String(repeating: "t", count: count)
        let payload = [UInt8](repeating: 3, count: length)
        try bench.receive(Server.message(topic, payload, identifier: 9) + Server.pong, step: step)
        #expect(bench.notes.allSatisfy { $0.kind == kind })
        #expect(bench.notes.first?.topicCount == count)
        #expect(bench.notes.last?.total == length)
        #expect(bench.notes.map(\.payload).reduce([], +) == (kind == .message ? payload : []))
        if kind == .message { #expect(bench.notes.filter { $0.topic == topic }.count == 1) }
        #expect(bench.packets() == [.acknowledgement(9)])
      }
    }
  }

  @Test("It cannot be held, since nobody could accept it")
  func notHeld() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    bench.holds = { _ in false }
    let message = Server.message(String(repeating: "t", count: 200), [], identifier: 3)
    var event = Event()
    var told = false
    for byte in message {
      bench.session.space()[0] = byte
      bench.session.received(1)
      told = try bench.session.next(&event, now: 0)
    }
    #expect(told)
    #expect(event.kind == .skipped)
    #expect(throws: Failure.state) { try bench.session.hold() }
    #expect(bench.packets() == [.acknowledgement(3)])
  }

  @Test("It waits its turn among the held ones")
  func inOrder() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    bench.holds = { $0.kind == .message }
    try bench.receive(Server.message("t", [], identifier: 1))
    try bench.receive(Server.message(String(repeating: "t", count: 200), [], identifier: 2))
    #expect(bench.notes.map(\.kind) == [.connected, .message, .skipped])
    #expect(bench.transmit() == [])
    try bench.session.accept(bench.notes[1].token)
    #expect(bench.packets() == [.acknowledgement(1), .acknowledgement(2)])
  }

  @Test("At quality of service 0 it accepts nothing that is held, before or after")
  func nothingElse() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    bench.holds = { $0.kind == .message }
    let skipped = Server.message(String(repeating: "t", count: 200))
    try bench.receive(skipped + Server.message("t", identifier: 1) + skipped, step: 64)
    #expect(bench.transmit() == [])
    for identifier in 2...8 { try bench.receive(Server.message("t", identifier: identifier)) }
    #expect(bench.transmit() == [])
    for note in bench.notes where note.token != 0 { try bench.session.accept(note.token) }
    #expect(bench.packets() == (1...8).map { .acknowledgement($0) })
  }

  @Test("Lost on the way, it is forgotten", arguments: [5, 100, 200, 204, 206, 250])
  func lost(_ count: Int) throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    bench.notes = []
    let message = Server.message(String(repeating: "t", count: 200), [UInt8](repeating: 1, count: 80), identifier: 3)
    try bench.receive(Array(message.prefix(count)))
    bench.session.lost()
    #expect(try bench.take() == [])
    try bench.connect(present: true)
    bench.notes = []
    try bench.receive(message)
    #expect(bench.notes == [Note(kind: .skipped, topicCount: 200, total: 80)])
    #expect(bench.packets() == [.acknowledgement(3)])
  }

  @Test("Its identifier may not be 0")
  func zero() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    #expect(bench.failure(Server.message(String(repeating: "t", count: 200), [], identifier: 0)) == .packetIdentifier)
  }
}
