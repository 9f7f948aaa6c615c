import CMote
import Mote
import MoteTestSupport
import MoteTransport
import Testing

/// An application that polls when the client says, and never sooner, gets there and is not kept busy.
struct DeadlineTests {
  @Test("Each step says what to wait for")
  func waits() throws {
    let rig = try Rig()
    try rig.connect()
    #expect(rig.settle() == [])
    #expect(rig.event.waitsToRead && !rig.event.waitsToWrite)
    #expect(rig.event.deadline == 20_000)
    rig.now = 6_000
    rig.port.resolves = { 1 }
    #expect(rig.settle() == [])
    #expect(rig.event.waitsToWrite && !rig.event.waitsToRead)
    #expect(rig.event.deadline == 16_000)
    rig.now = 7_000
    rig.port.connects = { _ in 1 }
    #expect(rig.settle() == [])
    #expect(rig.event.waitsToRead && !rig.event.waitsToWrite)
    #expect(rig.event.deadline == 37_000)
  }

  @Test(
    "A poll before its time changes nothing, and the deadline stays", arguments: [Step.resolve, .connect, .handshake])
  func early(_ step: Step) throws {
    let rig = try Rig()
    if step != .resolve { rig.port.resolves = { 1 } }
    if step == .handshake { rig.port.connects = { _ in 1 } }
    try rig.connect()
    #expect(rig.settle() == [])
    let deadline = rig.event.deadline
    while rig.now < deadline - 1 {
      rig.now = min(rig.now + 700, deadline - 1)
      #expect(rig.poll() == nil)
      #expect(rig.event.deadline == deadline && rig.step == step)
    }
    rig.now = deadline
    #expect(rig.poll()?.status == MOTE_ERROR_TIMED_OUT)
  }

  @Test("Patience is the caller's")
  func patience() throws {
    var options = DeviceClient.Options()
    options.patience.resolve = 1
    options.patience.connect = 20
    options.patience.handshake = 300
    let rig = try Rig(options: options)
    try rig.connect()
    #expect(rig.run() == [.ended(.resolve, MOTE_ERROR_TIMED_OUT, at: 5_001)])
    rig.port.resolves = { 2 }
    try rig.connect()
    #expect(rig.run() == [.ended(.connect, MOTE_ERROR_TIMED_OUT, at: 5_041)])
    rig.port.connects = { _ in 1 }
    try rig.connect()
    #expect(rig.run() == [.ended(.handshake, MOTE_ERROR_TIMED_OUT, at: 5_341)])
  }

  @Test(
    "Whatever the port does, each attempt ends in time, and no time is polled at without end", arguments: UInt64(1)...60
  )
  func anything(_ seed: UInt64) throws {
    var random = Generator(state: seed)
    let answers: [Int32] = [0, 0, 0, 1, 1, 2, 3, MOTE_ERROR_REFUSED, MOTE_ERROR_CLOSED, MOTE_ERROR_RESET]
    let results = (0..<61).map { _ in answers[Int.random(in: 0..<answers.count, using: &random)] }
    let rig = try Rig()
    let port = rig.port
    let script = Script(results)
    port.resolves = { script.next() }
    port.connects = { _ in min(script.next(), 1) }
    port.sends = { min(script.next(), Int32($0)) }
    port.receives = { capacity in
      let count = min(script.next(), Int32(capacity))
      return (count, [UInt8](repeating: 0x16, count: max(Int(count), 0)))
    }
    for _ in 0..<5 {
      let start = rig.now
      try rig.connect()
      let told = rig.run()
      #expect(told.count == 1 && told[0].kind == .disconnected && told[0].status < 0)
      #expect(rig.now - start <= 15_000 + 3 * 10_000 + 30_000)
      #expect(port.take().last == .close)
    }
  }
}

/// Answers in turn, without end.
private final class Script {
  private let results: [Int32]
  private var place = 0

  init(_ results: [Int32]) { self.results = results }

  func next() -> Int32 {
    place += 1
    return results[place % results.count]
  }
}
