import MoteBytes
import MoteMQTT
import Testing

/// Messages that the application holds until it has done with them, and accepts in any order.
struct HoldingTests: HeldMessages {
  @Test("Held messages are not acknowledged until they are accepted")
  func held() throws {
    let bench = try bench()
    let token = try bench.receive(messages(7...7))[0].token
    try bench.take()
    #expect(bench.transmit() == [])
    try bench.session.accept(token)
    #expect(bench.packets() == [.acknowledgement(7)])
    #expect(throws: Failure.state) { try bench.session.accept(token) }
  }

  @Test(
    "Whatever the order of acceptance, they leave in the order of arrival",
    arguments: [
      [0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1],
    ])
  func order(_ order: [Int]) throws {
    let bench = try bench()
    let tokens = try bench.receive(messages(11...14)).map(\.token)
    var left: [Sent] = []
    for place in order {
      try bench.session.accept(tokens[place])
      left += bench.packets()
      let accepted = order.prefix { $0 != place } + [place]
      let expected = (0..<4).prefix { accepted.contains($0) }.map { Sent.acknowledgement(11 + $0) }
      #expect(left == expected)
    }
    #expect(left.count == 4)
  }

  @Test("Messages that are not held wait behind one that is")
  func mixed() throws {
    let bench = try bench()
    bench.holds = { $0.token & 0xFFFF == 1 }
    let token = try bench.receive(messages(1...3))[0].token
    #expect(bench.transmit() == [])
    try bench.session.accept(token)
    #expect(bench.packets() == [.acknowledgement(1), .acknowledgement(2), .acknowledgement(3)])
  }

  @Test("There is nothing to hold before a message, twice, after a piece, at quality of service 0, or after others")
  func nothingToHold() throws {
    let bench = try bench(holding: false)
    #expect(throws: Failure.state) { try bench.session.hold() }
    let bytes = Server.message("t", [1]) + messages(1...1)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    var event = Event()
    #expect(try bench.session.next(&event, now: 0))
    #expect(throws: Failure.state) { try bench.session.hold() }
    #expect(try bench.session.next(&event, now: 0))
    try bench.session.hold()
    #expect(throws: Failure.state) { try bench.session.hold() }
    let large = Array(Server.message("t", [UInt8](repeating: 1, count: 600), identifier: 2).prefix(500))
    bench.session.space().copy(large.span, to: 0)
    bench.session.received(large.count)
    #expect(try bench.session.next(&event, now: 0))
    #expect(event.token == 0)
    #expect(throws: Failure.state) { try bench.session.hold() }
  }

  @Test("Tokens of no message are refused", arguments: [0, 1, -1, 7 << 16 | 5, Int.max])
  func strangers(_ token: Int) throws {
    let bench = try bench()
    try bench.receive(messages(5...5))
    #expect(throws: Failure.state) { try bench.session.accept(token) }
    #expect(bench.transmit() == [])
  }

  @Test("What was not held cannot be accepted, and trying changes nothing")
  func fresh() throws {
    let bench = try bench()
    let bytes = messages(5...5)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    var event = Event()
    #expect(try bench.session.next(&event, now: 0))
    let token = event.token
    #expect(throws: Failure.state) { try bench.session.accept(token) }
    #expect(bench.transmit() == [])
    try bench.take()
    #expect(bench.packets() == [.acknowledgement(5)])
    // Each of the next eight is still its own.
    try bench.receive(messages(11...18))
    #expect(bench.transmit() == [])
    for note in bench.notes.suffix(8).reversed() { try bench.session.accept(note.token) }
    #expect(bench.packets() == (11...18).map { .acknowledgement($0) })
  }

  @Test("A held one can be accepted between the event of another and its being held")
  func acceptBeforeHold() throws {
    let bench = try bench()
    let old = try bench.receive(messages(1...1))[0].token
    let bytes = messages(2...2)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    var event = Event()
    #expect(try bench.session.next(&event, now: 0))
    try bench.session.accept(old)
    try bench.session.hold()
    #expect(bench.packets() == [.acknowledgement(1)])
    try bench.take()
    #expect(bench.transmit() == [])
    try bench.session.accept(event.token)
    #expect(bench.packets() == [.acknowledgement(2)])
  }

  @Test("An identifier that the server uses twice at once is acknowledged twice")
  func twice() throws {
    let bench = try bench()
    let tokens = try bench.receive(messages(5...5) + messages(5...5)).map(\.token)
    for token in tokens { try bench.session.accept(token) }
    #expect(bench.packets() == [.acknowledgement(5), .acknowledgement(5)])
  }
}
