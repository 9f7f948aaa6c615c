import MoteBytes
import MoteMQTT
import Testing

/// A packet in flight that is not acknowledged ends the connection, though everything else is answered.
struct AcknowledgementDeadlineTests {
  @Test("PUBACK has the patience that was given, from when the message has left, and not a millisecond less")
  func puback() throws {
    let bench = Bench(response: 500)
    try bench.connect()
    try bench.publish("t", [1])
    bench.now += 10_000
    #expect(bench.transmit().count > 0)
    let left = bench.now
    #expect(bench.deadline == left + 500)
    bench.now = left + 499
    #expect(try bench.take() == [])
    bench.now = left + 500
    #expect(throws: Failure.acknowledgement) { try bench.take() }
    // Another connection sends it again, and has its own patience.
    try bench.reconnect(present: true)
    #expect(bench.transmit().first == 0x3A)
    #expect(bench.deadline == bench.now + 500)
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
    #expect(bench.deadline > bench.now + 500)
  }

  @Test("So has SUBACK")
  func suback() throws {
    let bench = Bench(response: 500)
    try bench.connect()
    try bench.subscribe(["f"])
    _ = bench.transmit()
    bench.now += 500
    #expect(throws: Failure.acknowledgement) { try bench.take() }
  }

  @Test("What is acknowledged out of turn does not save the oldest; the next has its time from when that one goes")
  func oldest() throws {
    let bench = Bench(response: 500)
    try bench.connect()
    let start = bench.now
    for _ in 1...3 { try bench.publish("t") }
    _ = bench.transmit()
    bench.now += 400
    #expect(try bench.receive(Server.acknowledgement(2)) == [.acknowledged(2)])
    #expect(bench.deadline == start + 500)
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
    #expect(bench.deadline == bench.now + 500)
    bench.now += 500
    #expect(throws: Failure.acknowledgement) { try bench.take() }
  }

  @Test("While reading has stopped, since eight messages are held, an acknowledgement behind a ninth is not missed")
  func stopped() throws {
    let bench = Bench(response: 500)
    try bench.connect()
    try bench.publish("t")
    _ = bench.transmit()
    bench.holds = { $0.kind == .message }
    let messages = (1...9).map { Server.message("t", identifier: $0) }.reduce([], +)
    let tokens = try bench.receive(messages + Server.acknowledgement(1)).map(\.token)
    #expect(tokens.count == 8)
    for _ in 0..<5 {
      bench.now += 499
      #expect(try bench.take() == [])
    }
    try bench.session.accept(tokens[0])
    _ = bench.transmit()
    #expect(try bench.take().map(\.kind) == [.message, .acknowledged])
  }
}

/// A large packet on a slow line, and what may stand behind it.
struct SlowLineTests {
  @Test("While a packet comes, be it told in pieces or all at once, an answer is waited for", arguments: [300, 2_000])
  func slow(_ count: Int) throws {
    let bench = Bench(response: 500)
    try bench.connect()
    try bench.publish("t")
    _ = bench.transmit()
    let message = Server.message("m", [UInt8](repeating: 7, count: count))
    for place in stride(from: 0, to: message.count, by: 10) {
      bench.now += 499
      try bench.receive(Array(message[place..<min(place + 10, message.count)]))
    }
    #expect(try bench.receive(Server.acknowledgement(1)) == [.acknowledged(1)])
  }

  @Test("One that does not come on is not waited for, nor is anything behind one that has come")
  func stalled() throws {
    for rest in [0, 5] {
      let bench = Bench(response: 500)
      try bench.connect()
      try bench.publish("t")
      _ = bench.transmit()
      try bench.receive(Server.message("m", [1, 2, 3, 4, 5, 6, 7]).dropLast(rest))
      bench.now += 500
      if rest > 0 {
        #expect(try bench.take() == [])
        #expect(bench.deadline == bench.now + 500)
        bench.now += 500
      }
      #expect(throws: Failure.acknowledgement) { try bench.take() }
    }
  }
}

/// DISCONNECT that waits for what is in flight.
struct DrainTests {
  @Test("Nothing new leaves, acknowledgements do, and DISCONNECT when nothing is in flight any more")
  func drain() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1])
    try bench.publish("t", [2])
    _ = bench.transmit()
    try bench.session.disconnect(draining: true)
    try bench.publish("t", [3])
    #expect(bench.transmit() == [])
    try bench.receive(Server.acknowledgement(1))
    try bench.receive(Server.message("m", identifier: 9))
    try bench.take()
    #expect(bench.transmit() == [0x40, 2, 0, 9])
    #expect(!bench.hasLeft)
    try bench.receive(Server.acknowledgement(2))
    #expect(bench.transmit() == [0xE0, 0])
    #expect(bench.hasLeft)
    // What came too late for this connection leaves by the next.
    try bench.reconnect(present: true)
    #expect(bench.transmit() == [0x32, 6, 0, 1, 0x74, 0, 3, 3])
  }

  @Test("What has begun to leave leaves whole")
  func begun() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1, 2, 3, 4])
    #expect(bench.transmit(limit: 3).count == 3)
    try bench.session.disconnect(draining: true)
    #expect(bench.transmit().count == 8)
    #expect(!bench.hasLeft)
    try bench.receive(Server.acknowledgement(1))
    #expect(bench.transmit() == [0xE0, 0])
  }

  @Test("It can be hurried, once")
  func hurried() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1])
    _ = bench.transmit()
    try bench.session.disconnect(draining: true)
    #expect(bench.transmit() == [])
    try bench.session.disconnect()
    #expect(bench.transmit() == [0xE0, 0])
    #expect(throws: Failure.state) { try bench.session.disconnect() }
  }
}
