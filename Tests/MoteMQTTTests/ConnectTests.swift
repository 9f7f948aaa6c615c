import MoteBytes
import MoteMQTT
import Testing

/// CONNECT and what may answer it (3.1, 3.2).
struct ConnectTests {
  /// Writes CONNECT with a password, as far as the buffer goes.
  private func compose(_ bench: Bench, password: [UInt8]) -> Writer {
    var writer = bench.session.composeConnect(.password)
    writer.appendField(("c" as StaticString).bytes)
    writer.append16(password.count)
    for byte in password { writer.append(byte) }
    return writer
  }

  /// Whether the receive buffer holds the byte that the passwords here are made of.
  private func holdsSecret(_ bench: Bench) -> Bool { bench.receiveBuffer.contains(0x5E) }

  private let secret = [UInt8](repeating: 0x5E, count: 40)

  @Test("An accepted connection is told, with whether the session was kept", arguments: [false, true])
  func accepted(_ present: Bool) throws {
    let bench = Bench()
    try bench.greet()
    _ = bench.transmit()
    #expect(!bench.isConnected)
    #expect(try bench.receive(Server.accepted(present: present)) == [Note(kind: .connected, sessionPresent: present)])
    #expect(bench.isConnected)
  }

  @Test(
    "Each refusal has its error",
    arguments: [
      (1, Failure.refusedProtocol), (2, .refusedIdentifier), (3, .refusedUnavailable), (4, .refusedCredentials),
      (5, .refusedAuthorisation),
    ] as [(UInt8, Failure)])
  func refused(_ code: UInt8, _ expected: Failure) throws {
    let bench = Bench()
    try bench.greet()
    _ = bench.transmit()
    #expect(bench.failure([0x20, 2, 0, code]) == expected)
    #expect(expected.code == -129 - Int32(code))
    #expect(!bench.isConnected)
  }

  @Test("Nothing is received before CONNECT has wholly left, and nothing else leaves before CONNACK")
  func order() throws {
    let bench = Bench()
    try bench.publish("t", [1])
    #expect(bench.space == 0)
    try bench.greet()
    #expect(bench.space == 0)
    #expect(bench.transmit(limit: 10).count == 10)
    #expect(bench.space == 0)
    #expect(bench.transmit().count == 5)
    #expect(bench.space == 512)
    #expect(bench.transmit() == [])
    try bench.receive(Server.accepted())
    #expect(bench.packets().count == 1)
  }

  @Test("Connecting twice, and disconnecting while not connected, is refused")
  func state() throws {
    let bench = Bench()
    #expect(throws: Failure.state) { try bench.session.disconnect() }
    try bench.greet()
    #expect(throws: Failure.state) { try bench.greet() }
    #expect(throws: Failure.state) { try bench.session.disconnect() }
    #expect(bench.packets() == [.connect])
    try bench.receive(Server.accepted())
    #expect(throws: Failure.state) { try bench.greet() }
  }

  @Test("A refused attempt to connect leaves what was received alone")
  func refusedAttempt() throws {
    let bench = Bench()
    try bench.connect()
    let message = Server.message("topic", Array("payload".utf8))
    bench.session.space().copy(message.span, to: 0)
    bench.session.received(message.count)
    #expect(throws: Failure.state) { try bench.greet() }
    #expect(try bench.take() == [.message("topic", Array("payload".utf8))])
  }

  @Test("DISCONNECT leaves after what has begun to leave, and nothing after it")
  func disconnect() throws {
    let bench = Bench()
    try bench.connect()
    try bench.publish("t", [1, 2, 3])
    try bench.publish("u", [4])
    let begun = bench.transmit(limit: 3)
    try bench.session.disconnect()
    #expect(!bench.isConnected)
    #expect(!bench.hasLeft)
    let (packets, rest) = parse(begun + bench.transmit(step: 1))
    #expect(packets.map(\.payload) == [[1, 2, 3], nil])
    #expect(packets.last == .disconnect)
    #expect(rest == [])
    #expect(bench.hasLeft)
    #expect(throws: Failure.state) { try bench.session.disconnect() }
    #expect(throws: Failure.state) { try bench.greet() }
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.identifier) == [1, 2])
  }

  @Test("What was accepted is acknowledged before DISCONNECT, since it would come again")
  func acknowledgedFirst() throws {
    let bench = Bench()
    try bench.connect()
    try bench.receive(Server.message("t", [], identifier: 5))
    try bench.session.disconnect()
    #expect(bench.packets() == [.acknowledgement(5), .disconnect])
  }

  @Test("Nothing can have come before CONNECT has left")
  func early() throws {
    let bench = Bench()
    func canHaveReceived() -> Bool { bench.session.canHaveReceived(1) }
    #expect(!canHaveReceived())
    try bench.greet()
    #expect(!canHaveReceived() && bench.session.canHaveReceived(0))
    _ = bench.transmit()
    #expect(canHaveReceived())
  }

  @Test("The password is wiped once CONNECT has left")
  func wipedWhenSent() throws {
    let bench = Bench()
    try bench.session.connect(compose(bench, password: secret), .password, now: 0)
    let bytes = bench.transmit(limit: 50)
    #expect(holdsSecret(bench))
    #expect((bytes + bench.transmit()).suffix(40) == secret[...])
    #expect(!holdsSecret(bench))
  }

  @Test("The password is wiped when the connection is lost while CONNECT leaves", arguments: [0, 1, 54])
  func wipedWhenLost(_ count: Int) throws {
    let bench = Bench()
    try bench.session.connect(compose(bench, password: secret), .password, now: 0)
    _ = bench.transmit(limit: count)
    #expect(holdsSecret(bench))
    bench.session.lost()
    #expect(!holdsSecret(bench))
  }

  @Test("What was written of a CONNECT that does not fit is wiped")
  func wipedWhenTooLarge() throws {
    let bench = Bench(receive: 128)
    let writer = compose(bench, password: [UInt8](repeating: 0x5E, count: 200))
    #expect(throws: Failure.tooLarge) { try bench.session.connect(writer, .password, now: 0) }
    #expect(!holdsSecret(bench))
    try bench.connect()
  }

  @Test("CONNECT that fills the buffer fits; one more byte does not")
  func exactly() throws {
    for (length, fits) in [(108, true), (111, true), (112, false)] {
      let bench = Bench(receive: 128)
      let password = [UInt8](repeating: 1, count: length)
      var writer = bench.session.composeConnect(.password)
      writer.appendField(password.span)
      #expect(((try? bench.session.connect(writer, .password, now: 0)) != nil) == fits)
    }
  }

  @Test("CONNECT may be longer than the outbox")
  func longerThanOutbox() throws {
    let bench = Bench(receive: 1_024, outbox: 128)
    try bench.session.connect(compose(bench, password: [UInt8](repeating: 1, count: 700)), .password, now: 0)
    #expect(bench.transmit().count == 718)
    #expect(bench.transmit() == [])
    try bench.receive(Server.accepted())
    #expect(bench.transmit() == [])
    try bench.publish("t", [1])
    #expect(bench.packets().count == 1)
  }

  @Test("A field beyond 65,535 bytes does not fit, whatever the buffer")
  func longField() throws {
    for (length, fits) in [(65_535, true), (65_536, false)] {
      let bench = Bench(receive: 70_000)
      let field = [UInt8](repeating: 1, count: length)
      var writer = bench.session.composeConnect(.none)
      writer.appendField(field.span)
      #expect(((try? bench.session.connect(writer, .none, now: 0)) != nil) == fits)
    }
  }

  @Test("A session without memory refuses everything, and traps nowhere")
  func unusable() throws {
    let bench = Bench()
    bench.session = Session()
    #expect(!bench.isUsable)
    #expect(throws: Failure.tooLarge) { try bench.greet() }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", [1]) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", [1], .none) }
    #expect(throws: Failure.tooLarge) { try bench.publish("t", pieces: 3) }
    #expect(throws: Failure.state) { try bench.subscribe(["a"]) }
    #expect(bench.transmit() == [])
    #expect(bench.space == 0)
    #expect(try bench.take() == [])
    bench.session.lost()
    #expect(bench.session.dropPieces() == 0)
    #expect(bench.deadline == .max)
  }
}
