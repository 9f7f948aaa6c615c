import MoteBytes
import MoteMQTT
import Testing

/// Messages larger than the receive buffer come in pieces, and end complete or aborted; nothing is cut in silence.
struct PiecesInboundTests {
  private static func payload(_ length: Int) -> [UInt8] {
    (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
  }

  @Test("256 KiB through 512 bytes", arguments: [nil, 300], [100, 512])
  func large(_ identifier: Int?, _ step: Int) throws {
    let bench = Bench()
    try bench.connect()
    bench.notes = []
    let payload = PiecesInboundTests.payload(262_144)
    try bench.receive(Server.message("topic", payload, identifier: identifier, retain: true), step: step)
    var offset = 0
    for note in bench.notes {
      if note.offset != offset || note.total != 262_144 || note.kind != .message { Issue.record("\(note)") }
      offset += note.payload.count
    }
    #expect(bench.notes.map(\.payload).reduce(into: []) { $0 += $1 } == payload)
    #expect(bench.notes.filter { $0.topic == "topic" }.count == 1)
    #expect(bench.notes.first?.topic == "topic")
    #expect(bench.notes.allSatisfy { $0.flags == (identifier == nil ? 2 : 3) })
    #expect(bench.packets() == (identifier.map { [.acknowledgement($0)] } ?? []))
  }

  @Test("What fits the buffer exactly is told in one piece, one byte more in several", arguments: [1, 50, 512])
  func boundary(_ step: Int) throws {
    for (length, whole) in [(506, true), (507, false)] {
      let bench = Bench()
      try bench.connect()
      bench.notes = []
      let payload = PiecesInboundTests.payload(length)
      try bench.receive(Server.message("t", payload), step: step)
      #expect((bench.notes.count == 1) == whole)
      #expect(bench.notes.map(\.payload).reduce([], +) == payload)
    }
  }

  @Test("Not acknowledged before it is complete, and only then is there a token")
  func acknowledged() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    bench.notes = []
    let message = Server.message("t", PiecesInboundTests.payload(300), identifier: 4)
    try bench.receive(Array(message.dropLast()))
    #expect(bench.notes.allSatisfy { $0.token == 0 })
    #expect(bench.transmit() == [])
    bench.holds = { _ in true }
    let last = try bench.receive([message[message.count - 1]])
    #expect(last.count == 1)
    #expect(bench.transmit() == [])
    try bench.session.accept(last[0].token)
    #expect(bench.packets() == [.acknowledgement(4)])
  }

  @Test(
    "Lost in the middle, it is aborted, once, and comes again in the next connection", arguments: [7, 50, 200, 305])
  func aborted(_ count: Int) throws {
    for identifier in [nil, 4] {
      let bench = Bench(receive: 128)
      try bench.connect()
      bench.notes = []
      let message = Server.message("t", PiecesInboundTests.payload(300), identifier: identifier)
      try bench.receive(Array(message.prefix(count)))
      let begun = !bench.notes.isEmpty
      bench.session.lost()
      bench.session.lost()
      #expect(try bench.take() == (begun ? [Note(kind: .aborted)] : []))
      #expect(try bench.take() == [])
      try bench.connect(present: true)
      #expect(bench.transmit() == [])
      bench.notes = []
      try bench.receive(message)
      #expect(bench.notes.map(\.payload).reduce([], +) == PiecesInboundTests.payload(300))
      #expect(bench.notes.first?.topic == "t")
    }
  }

  @Test("The abortion is told before anything of the next connection, though it is asked for late")
  func abortedLate() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    try bench.receive(Array(Server.message("t", PiecesInboundTests.payload(300)).prefix(250)))
    bench.session.lost()
    bench.notes = []
    try bench.greet()
    _ = bench.transmit()
    try bench.receive(Server.accepted())
    #expect(bench.notes.map(\.kind) == [.aborted, .connected])
  }

  @Test("What was told whole is not aborted")
  func complete() throws {
    let bench = Bench(receive: 128)
    try bench.connect()
    try bench.receive(Server.message("t", PiecesInboundTests.payload(300)))
    bench.session.lost()
    #expect(try bench.take() == [])
  }
}
