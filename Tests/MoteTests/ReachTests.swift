import CMote
import Mote
import MoteMQTT
import Testing

/// The way to an open connection: each step's time-out and failure, and what the port is asked.
struct ReachTests {
  @Test("A name that is never resolved times out, exactly when its time is over")
  func resolving() throws {
    let rig = try Rig()
    try rig.connect()
    #expect(rig.run() == [.ended(.resolve, MOTE_ERROR_TIMED_OUT, at: 20_000)])
    #expect(rig.port.take() == [.resolve("hub.example"), .resolve("hub.example"), .close])
    #expect(rig.lastError == [MOTE_STEP_RESOLVE, MOTE_ERROR_TIMED_OUT])
    #expect(rig.step == .waiting)
  }

  @Test("A name that cannot be resolved", arguments: [MOTE_ERROR_NAME_NOT_FOUND, MOTE_ERROR_NAME_SERVER])
  func name(_ status: Int32) throws {
    let rig = try Rig()
    rig.port.resolves = { status }
    try rig.connect()
    #expect(rig.run() == [.ended(.resolve, status, at: 5_000)])
    #expect(rig.port.take() == [.resolve("hub.example"), .close])
  }

  @Test("The name that is asked for is the endpoint's, the gateway's, or the hub's")
  func whose() throws {
    for (string, endpoint, name) in [
      ("HostName=h.net;DeviceId=d;x509=true", "", "h.net"),
      ("HostName=h.net;DeviceId=d;x509=true;GatewayHostName=edge", "", "edge"),
      ("HostName=h.net;DeviceId=d;x509=true;GatewayHostName=edge", "localhost", "localhost"),
    ] {
      let rig = try Rig(string, endpoint: endpoint, number: 18_883)
      rig.port.resolves = { 1 }
      try rig.connect()
      #expect(rig.settle() == [])
      #expect(rig.port.take().prefix(2) == [.resolve(name), .connect(0, 18_883)])
    }
  }

  @Test("Each address is given its time, then the next is tried, and the last one's failure is told")
  func addresses() throws {
    let rig = try Rig()
    rig.port.resolves = { 3 }
    try rig.connect()
    #expect(rig.run() == [.ended(.connect, MOTE_ERROR_TIMED_OUT, at: 35_000)])
    let calls = rig.port.take()
    let changes = calls.enumerated().filter { $0.offset == 0 || calls[$0.offset - 1] != $0.element }.map(\.element)
    #expect(
      changes == [
        .resolve("hub.example"), .connect(0, 8_883), .close, .connect(1, 8_883), .close, .connect(2, 8_883), .close,
      ])
  }

  @Test(
    "After a refusal the next address is tried at once",
    arguments: [MOTE_ERROR_REFUSED, MOTE_ERROR_UNREACHABLE, MOTE_ERROR_NETWORK])
  func next(_ status: Int32) throws {
    let rig = try Rig()
    rig.port.resolves = { 3 }
    rig.port.connects = { $0 == 2 ? 1 : status }
    try rig.connect()
    #expect(rig.settle() == [])
    #expect(rig.step == .handshake)
    #expect(rig.now == 5_000)
    let calls = rig.port.take()
    #expect(
      calls.prefix(6) == [
        .resolve("hub.example"), .connect(0, 8_883), .close, .connect(1, 8_883), .close, .connect(2, 8_883),
      ])
    #expect(!calls.dropFirst(6).contains(.close))
  }

  @Test("When all refuse, the last one's reason is told")
  func refused() throws {
    let rig = try Rig()
    rig.port.resolves = { 3 }
    rig.port.connects = { [MOTE_ERROR_REFUSED, MOTE_ERROR_UNREACHABLE, MOTE_ERROR_RESET][Int($0)] }
    try rig.connect()
    #expect(rig.run() == [.ended(.connect, MOTE_ERROR_RESET, at: 5_000)])
    #expect(rig.port.take().filter { $0 == .close }.count == 3)
  }

  @Test("One that connects late, in time, is taken; a second one has its own time")
  func late() throws {
    let rig = try Rig()
    rig.port.resolves = { 2 }
    try rig.connect()
    #expect(rig.run(until: 24_000) == [])
    #expect(rig.step == .connect)
    rig.now = 24_999
    rig.port.connects = { _ in 1 }
    #expect(rig.settle() == [])
    #expect(rig.step == .handshake)
    #expect(rig.port.take().contains(.connect(1, 8_883)))
  }

  @Test(
    "Without the time of day nothing is asked of the network",
    arguments: [0, -1, Int64.min, 1_700_000_000, MOTE_EARLIEST_SECONDS - 1])
  func noTime(_ seconds: Int64) throws {
    let rig = try Rig()
    rig.port.resolves = { 2 }
    rig.port.connects = { _ in 1 }
    rig.port.wallSeconds = seconds
    try rig.connect()
    let told = rig.run()
    #expect(told == [.ended(.waiting, MOTE_ERROR_NO_TIME, at: 5_000)])
    #expect(rig.port.take() == [])
  }

  @Test("The first second that is believed is")
  func earliest() throws {
    let rig = try Rig()
    rig.port.wallSeconds = MOTE_EARLIEST_SECONDS
    try rig.shakeHands()
    #expect(!rig.port.sent.isEmpty)
  }

  @Test("Without random bytes there is no TLS")
  func noEntropy() throws {
    let rig = try Rig()
    rig.port.resolves = { 1 }
    rig.port.connects = { _ in 1 }
    rig.port.gives = MOTE_ERROR_NO_ENTROPY
    try rig.connect()
    #expect(rig.run().map(\.status) == [MOTE_ERROR_NO_ENTROPY])
    #expect(rig.port.sent == [])
    // Another connection, with random bytes, is none the worse for it.
    rig.port.gives = 0
    try rig.shakeHands()
    #expect(!rig.port.sent.isEmpty)
  }

  @Test("It resolves anew for each connection, and begins with the first address")
  func again() throws {
    let rig = try Rig()
    rig.port.resolves = { 2 }
    rig.port.connects = { _ in MOTE_ERROR_REFUSED }
    for _ in 0..<3 {
      try rig.connect()
      #expect(rig.run().map(\.status) == [MOTE_ERROR_REFUSED])
      #expect(
        rig.port.take() == [.resolve("hub.example"), .connect(0, 8_883), .close, .connect(1, 8_883), .close])
    }
  }
}
