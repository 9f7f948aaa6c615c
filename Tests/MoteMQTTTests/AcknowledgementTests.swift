import MoteBytes
import MoteMQTT
import Testing

/// PUBACK: when it leaves, in which order, and how many may be owed.
struct AcknowledgementTests: HeldMessages {
  @Test("It leaves once the next event is asked for, and not before")
  func automatic() throws {
    let bench = try bench()
    let bytes = messages(5...6)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    var event = Event()
    #expect(try bench.session.next(&event, now: 0))
    #expect(bench.transmit() == [])
    #expect(try bench.session.next(&event, now: 0))
    #expect(bench.packets() == [.acknowledgement(5)])
    #expect(try !bench.session.next(&event, now: 0))
    #expect(bench.packets() == [.acknowledgement(6)])
    #expect(try !bench.session.next(&event, now: 0))
    #expect(bench.transmit() == [])
  }

  @Test("Eight may be open, then reading stops, and goes on when one has left")
  func limit() throws {
    let bench = try bench()
    let tokens = try bench.receive(messages(1...12)).map(\.token)
    #expect(tokens.count == 8)
    for place in 1..<8 { try bench.session.accept(tokens[place]) }
    #expect(try bench.take() == [])
    #expect(bench.transmit() == [])
    try bench.session.accept(tokens[0])
    #expect(try bench.take() == [])
    #expect(bench.packets() == (1...8).map { .acknowledgement($0) })
    #expect(try bench.take().map(\.payload) == [[9], [10], [11], [12]])
  }

  @Test("Once one has left, what had to wait is due at once")
  func goesOn() throws {
    let bench = try bench()
    bench.holds = { _ in false }
    #expect(try bench.receive(messages(1...9)).count == 8)
    #expect(bench.deadline > bench.now)
    #expect(bench.packets() == (1...8).map { .acknowledgement($0) })
    #expect(bench.deadline <= bench.now)
    #expect(try bench.take().map(\.payload) == [[9]])
    #expect(bench.deadline > bench.now)
  }

  @Test("While reading has stopped the buffer fills up, and the peer has to wait", arguments: [1, 100, 512])
  func stops(_ step: Int) throws {
    let bench = try bench()
    let bytes = messages(1...100)
    let tokens = try bench.receive(bytes, step: step).map(\.token)
    #expect(tokens.count == 8)
    #expect(bench.unread > 0)
    #expect(bench.space == 0)
    let rest = Array(bytes.suffix(bench.unread))
    for token in tokens { try bench.session.accept(token) }
    bench.holds = { _ in false }
    var owed = bench.packets()
    for note in try bench.take() { #expect(note.kind == .message) }
    owed += bench.packets()
    try bench.receive(rest, step: step)
    while bench.notes.count < 101 {
      let before = bench.notes.count
      owed += bench.packets()
      try bench.take()
      try bench.receive(Array(rest.suffix(bench.unread)), step: step)
      if bench.notes.count == before { break }
    }
    owed += bench.packets()
    #expect(owed == (1...100).map { .acknowledgement($0) })
  }

  @Test("At quality of service 0 messages come though eight are held")
  func atMostOnce() throws {
    let bench = try bench()
    try bench.receive(messages(1...8))
    #expect(try bench.receive(Server.message("t", [99])) == [.message("t", [99])])
  }

  @Test("What an earlier connection delivered is not acknowledged in the next", arguments: [0, 1, 2])
  func earlier(_ sent: Int) throws {
    let bench = try bench()
    let old = try bench.receive(messages(1...2)).map(\.token)
    try bench.session.accept(old[0])
    _ = bench.transmit(limit: sent)
    try bench.reconnect(present: true)
    #expect(bench.transmit() == [])
    for token in old { #expect(throws: Failure.state) { try bench.session.accept(token) } }
    let new = try bench.receive(messages(1...1)).map(\.token)
    #expect(new != [old[0]])
    #expect(throws: Failure.state) { try bench.session.accept(old[0]) }
    #expect(bench.transmit() == [])
    try bench.session.accept(new[0])
    #expect(bench.packets() == [.acknowledgement(1)])
  }

  @Test("A message told last before the loss is not acknowledged after it")
  func freshAtLoss() throws {
    let bench = try bench()
    let bytes = messages(5...5)
    bench.session.space().copy(bytes.span, to: 0)
    bench.session.received(bytes.count)
    var event = Event()
    #expect(try bench.session.next(&event, now: 0))
    try bench.reconnect(present: true)
    #expect(throws: Failure.state) { try bench.session.hold() }
    #expect(bench.transmit() == [])
  }

  @Test("It leaves between packets, before those that wait, and never within one", arguments: 0...9)
  func between(_ split: Int) throws {
    let bench = try bench(holding: false)
    try bench.publish("a", [1, 2])
    try bench.publish("b", [3, 4])
    let begun = bench.transmit(limit: split)
    try bench.receive(messages(7...7))
    let (packets, rest) = parse(begun + bench.transmit())
    #expect(rest == [])
    #expect(packets.map(\.identifier) == (split == 0 ? [7, 1, 2] : [1, 7, 2]))
  }
}
