import MoteBytes
import MoteMQTT
import Testing

/// Keep-alive (3.1.2.10) and patience, on a clock that the test turns.
struct KeepAliveTests {
  @Test("For a day: PINGREQ exactly when it is due, from deadline to deadline", arguments: [1, 30, 240, 1177, 65_535])
  func day(_ seconds: Int) throws {
    let bench = Bench(keepAliveSeconds: seconds, response: 500)
    try bench.connect()
    let start = bench.now
    var lastSent = start
    var pings = 0
    while bench.now < start + 86_400_000 {
      let deadline = bench.deadline
      #expect(deadline == lastSent + UInt64(seconds) * 1_000)
      bench.now = deadline - 1
      try bench.take()
      #expect(bench.transmit() == [])
      #expect(bench.deadline == deadline)
      bench.now = deadline
      try bench.take()
      #expect(bench.packets() == [.ping])
      lastSent = bench.now
      pings += 1
      #expect(bench.deadline == bench.now + 500)
      bench.now += 499
      #expect(try bench.take() == [])
      #expect(bench.transmit() == [])
      #expect(try bench.receive(Server.pong) == [])
    }
    #expect(pings == 86_400 / seconds + (86_400 % seconds == 0 ? 0 : 1))
  }

  @Test("What leaves and is answered puts it off; what is received, or has no answer, does not")
  func putOff() throws {
    let bench = Bench()
    try bench.connect()
    let start = bench.now
    bench.now += 200_000
    try bench.receive(Server.message("t"))
    try bench.receive(Server.message("t", identifier: 7))
    try bench.take()
    try bench.publish("t", [], .none)
    // PUBACK and the message.
    #expect(bench.transmit().count == 4 + 5)
    #expect(bench.deadline == start + 240_000)
    try bench.publish("t")
    _ = bench.transmit()
    #expect(bench.deadline == bench.now + 30_000)
    try bench.receive(Server.acknowledgement(1))
    #expect(bench.deadline == bench.now + 240_000)
    bench.now += 239_999
    #expect(bench.transmit() == [])
    bench.now += 1
    #expect(bench.packets() == [.ping])
  }

  @Test("That nothing was taken does not put it off")
  func nothingTaken() throws {
    let bench = Bench()
    try bench.connect()
    let deadline = bench.deadline
    bench.now += 100_000
    bench.session.sent(0, now: bench.now)
    #expect(bench.deadline == deadline)
    bench.now = deadline
    bench.session.sent(0, now: bench.now)
    #expect(bench.packets() == [.ping])
  }

  @Test("Without PINGRESP the connection ends, not earlier than patience lasts")
  func noAnswer() throws {
    let bench = Bench()
    try bench.connect()
    bench.now += 240_000
    #expect(bench.packets() == [.ping])
    bench.now += 29_999
    #expect(try bench.take() == [])
    // Other packets are no answer.
    try bench.receive(Server.message("t"))
    bench.now += 1
    #expect(bench.deadline == bench.now)
    #expect(throws: Failure.keepAlive) { try bench.take() }
    try bench.reconnect(present: true)
    #expect(try bench.take() == [])
    #expect(bench.deadline == bench.now + 240_000)
  }

  @Test("PINGRESP in time is taken though it is looked at late")
  func late() throws {
    let bench = Bench()
    try bench.connect()
    bench.now += 240_000
    _ = bench.transmit()
    bench.now += 100_000
    #expect(try bench.receive(Server.pong) == [])
  }

  @Test("There is one PINGREQ at a time, though patience is longer than keep-alive")
  func one() throws {
    let bench = Bench(keepAliveSeconds: 1, response: 10_000)
    try bench.connect()
    bench.now += 1_000
    #expect(bench.packets() == [.ping])
    bench.now += 5_000
    #expect(bench.transmit() == [])
    try bench.receive(Server.pong)
    #expect(bench.packets() == [.ping])
  }

  @Test("Without CONNACK connecting ends, counted from when it began")
  func noConnack() throws {
    let bench = Bench()
    let start = bench.now
    try bench.greet()
    #expect(bench.deadline == start + 30_000)
    bench.now += 20_000
    _ = bench.transmit()
    #expect(bench.deadline == start + 30_000)
    bench.now += 9_999
    #expect(try bench.take() == [])
    bench.now += 1
    #expect(throws: Failure.timedOut) { try bench.take() }
    bench.session.lost()
    #expect(bench.deadline == .max)
    #expect(try bench.take() == [])
  }

  @Test("While something waits for the transport there is no deadline that has passed")
  func blocked() throws {
    let bench = Bench()
    try bench.connect()
    bench.now += 240_000
    #expect(bench.session.transmission(now: bench.now).count == 2)
    bench.now += 1
    #expect(bench.deadline > bench.now)
    _ = bench.transmit()
    try bench.receive(Server.pong)
    try bench.publish("t", [UInt8](repeating: 1, count: 100))
    _ = bench.transmit(limit: 50)
    bench.now += 240_000
    #expect(bench.session.transmission(now: bench.now).count > 0)
    #expect(bench.deadline > bench.now)
  }

  @Test("While a piece is waited for, too; and PINGREQ leaves when the message has")
  func pieces() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", pieces: 10)
    #expect(bench.transmit().count == 7)
    bench.now += 240_000
    #expect(bench.transmit() == [])
    #expect(bench.deadline > bench.now)
    bench.source = { _, room in [UInt8](repeating: 0, count: room) }
    #expect(bench.transmit().count == 10)
    bench.now += 240_000
    #expect(bench.packets() == [.ping])
  }

  @Test("While reading has stopped, since eight messages are held, PINGRESP behind a ninth is not missed")
  func stopped() throws {
    let bench = Bench()
    try bench.connect()
    bench.holds = { $0.kind == .message }
    let messages = (1...9).map { Server.message("t", identifier: $0) }.reduce([], +)
    let tokens = try bench.receive(messages).map(\.token)
    #expect(tokens.count == 8)
    for _ in 0..<3 {
      bench.now = bench.deadline
      #expect(bench.packets() == [.ping])
      try bench.receive(Server.pong)
      bench.now += 30_000
      #expect(try bench.take() == [])
      #expect(bench.deadline == bench.now + 210_000)
    }
    for token in tokens { try bench.session.accept(token) }
    #expect(bench.packets().count == 8)
    #expect(try bench.take().count == 1)
    bench.now = bench.deadline
    #expect(bench.packets() == [.ping])
    bench.now = bench.deadline
    #expect(throws: Failure.keepAlive) { try bench.take() }
  }

  @Test("There is no deadline without a connection, or once DISCONNECT is to leave")
  func none() throws {
    let bench = Bench()
    #expect(bench.deadline == .max)
    try bench.connect()
    try bench.session.disconnect()
    #expect(bench.deadline == .max)
    _ = bench.transmit()
    #expect(bench.deadline == .max)
    bench.session.lost()
    #expect(bench.deadline == .max)
  }
}
