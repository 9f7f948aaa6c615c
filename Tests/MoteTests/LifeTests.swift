import CMote
import Mote
import MoteBytes
import MoteMQTT
import Testing

/// Beginning and ending connections at any time.
struct LifeTests {
  /// A client that stands in `step`.
  private func rig(_ step: Step) throws -> Rig {
    let rig = try Rig()
    if step == .handshake {
      try rig.shakeHands()
      return rig
    }
    if step == .connect { rig.port.resolves = { 2 } }
    try rig.connect()
    #expect(rig.settle() == [])
    #expect(rig.step == step)
    return rig
  }

  @Test("Leaving at each step closes the port and is told once", arguments: [Step.resolve, .connect, .handshake])
  func leaving(_ step: Step) throws {
    let rig = try rig(step)
    _ = rig.port.take()
    try rig.disconnect()
    #expect(rig.port.take().last == .close)
    #expect(rig.run() == [.ended(step, MOTE_OK, at: 5_000)])
    #expect(rig.lastError == [step.rawValue, MOTE_OK])
    #expect(rig.run() == [])
    #expect(rig.port.take() == [])
    #expect(throws: Failure.state) { try rig.disconnect() }
  }

  @Test("After leaving it can connect again", arguments: [Step.resolve, .connect, .handshake])
  func again(_ step: Step) throws {
    let rig = try rig(step)
    for _ in 0..<3 {
      try rig.disconnect()
      #expect(throws: Failure.state) { try rig.connect() }
      #expect(rig.run().count == 1)
      try rig.shakeHands()
    }
  }

  @Test("Connecting twice is refused, and changes nothing", arguments: [Step.resolve, .connect, .handshake])
  func twice(_ step: Step) throws {
    let rig = try rig(step)
    let deadline = rig.event.deadline
    rig.now += 1
    #expect(throws: Failure.state) { try rig.connect() }
    #expect(rig.settle() == [])
    #expect(rig.event.deadline == deadline)
    #expect(rig.step == step)
  }

  @Test("Until the end has been told, there is no other beginning")
  func untold() throws {
    let rig = try Rig()
    try rig.connect()
    try rig.disconnect()
    #expect(throws: Failure.state) { try rig.connect() }
    #expect(rig.poll() == .ended(.waiting, MOTE_OK, at: 5_000))
    #expect(rig.event.deadline == .max)
    try rig.connect()
  }

  @Test("Not connected, there is nothing to wait for, and nothing to leave")
  func idle() throws {
    let rig = try Rig()
    #expect(throws: Failure.state) { try rig.disconnect() }
    for _ in 0..<3 {
      #expect(rig.poll() == nil)
      #expect(rig.event.deadline == .max)
      #expect(!rig.event.waitsToRead && !rig.event.waitsToWrite)
      rig.now += 1_000_000
    }
    #expect(rig.port.take() == [])
  }

  @Test("Without memory for a protocol it does not connect, nor take a message")
  func noMemory() throws {
    let rig = try Rig(hasMemory: false)
    #expect(!rig.isUsable)
    #expect(throws: Failure.state) { try rig.connect() }
    #expect(throws: Failure.tooLarge) { try rig.send() }
    #expect(rig.port.take() == [])
  }

  @Test("Messages are stored before, during and after an attempt, and stay")
  func messages() throws {
    let rig = try Rig()
    #expect(try rig.send() == 1)
    try rig.shakeHands()
    #expect(try rig.send() == 2)
    try rig.disconnect()
    #expect(rig.run().count == 1)
    #expect(try rig.send() == 3)
    while (try? rig.send()) != nil {}
    #expect(throws: Failure.outboxFull) { try rig.send() }
    #expect(rig.client.sizeNeeded > 0 && rig.client.sizeNeeded <= 512)
  }
}
