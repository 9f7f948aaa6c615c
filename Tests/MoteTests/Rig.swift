import CMote
import CMoteCommand
import Mote
import MoteBytes
import MoteHub
import MoteMQTT
import MoteTLS
import MoteTestSupport
import MoteTransport
import Testing

/// A `mote_tls` that trusts one root.
@safe final class Trust {
  private let pointer: OpaquePointer

  init() throws {
    let roots = #filePath.replacing("Tests/MoteTests/Rig.swift", with: "Embedded/roots/digicert_global_root_g2.pem")
    var status: Int32 = 0
    var code: Int32 = 0
    unsafe pointer = try #require(unsafe mote_command_tls_create(roots, nil, nil, &status, &code))
  }

  deinit { unsafe mote_command_tls_free(pointer) }

  var tls: TLS { unsafe TLS(pointer) }
  /// The same for C.
  @unsafe var c: OpaquePointer { unsafe pointer }
}

/// An event that outlives the next call.
struct Told: Equatable {
  var at: UInt64
  var kind: DeviceEvent.Kind
  var step = Step.idle
  var status: Int32 = 0

  static func ended(_ step: Step, _ status: Int32, at time: UInt64) -> Told {
    Told(at: time, kind: .disconnected, step: step, status: status)
  }
}

/// A client over a fake port, with a clock that stands until it is set.
final class Rig {
  private let trust: Trust
  private let text: Memory
  private let endpoint: Memory
  private let memory: (receiving: Memory, outbox: Memory)
  let port = FakePort()
  var client: DeviceClient
  var now: UInt64 = 5_000
  /// What the last poll said of waiting.
  private(set) var event = DeviceEvent()

  static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

  init(
    _ string: String = "HostName=hub.example;DeviceId=d;SharedAccessKey=" + key, endpoint: String = "",
    number: UInt16 = 8_883, port other: Port? = nil, hasMemory: Bool = true, receiving: Int = 512,
    options: DeviceClient.Options = .init(),
    whenFull: WhenFull = .refuses
  ) throws {
    trust = try Trust()
    text = Memory(Array(string.utf8))
    self.endpoint = Memory(Array(endpoint.utf8))
    memory = (Memory(receiving), Memory(512))
    let identity = try Identity(connectionString: text.region)
    client = DeviceClient(
      identity, signer: Signer(key: identity.key), port: other ?? port.port,
      tls: trust.tls, endpoint: self.endpoint.region, portNumber: number, options: options)
    var limits = MQTTMemory(receiving: memory.receiving.region, outbox: memory.outbox.region)
    limits.whenFull = whenFull
    if hasMemory { try? client.use(limits) }
  }

  /// All of the receive buffer, as it is now.
  var receiveBuffer: [UInt8] { memory.receiving.prefix(memory.receiving.region.count) }

  // A client cannot be copied, so it cannot stand in an expectation; these can.
  var step: Step { client.step }
  var lastError: [Int32] { [client.lastError.step.rawValue, client.lastError.status] }
  var isUsable: Bool { client.isUsable }
  func connect() throws(Failure) { try client.connect(now: now) }
  func disconnect() throws(Failure) { try client.disconnect(now: now) }

  /// Stores a message.
  @discardableResult
  func send(_ payload: [UInt8] = [1, 2, 3], expires: UInt64 = 0) throws(Failure) -> Int {
    let message = client.compose()
    return try client.send(message, payload: payload.span, expires: expires)
  }

  /// Polls once.
  func poll() -> Told? {
    guard client.poll(now: now, &event) else {
      #expect(event.kind == .none)
      return nil
    }
    return Told(at: now, kind: event.kind, step: event.step, status: event.status)
  }

  /// Polls until nothing more can be done at this time. What was told.
  func settle(untilEnd: Bool = false) -> [Told] {
    var told: [Told] = []
    for _ in 0..<200 {
      if let event = poll() {
        told.append(event)
        if untilEnd && event.kind == .disconnected { return told }
      } else if event.deadline > now {
        return told
      }
    }
    Issue.record("it spins at \(now)")
    return told
  }

  /// Polls at each deadline until the connection ends, there is none, or until `end`. What was told.
  func run(until end: UInt64 = .max - 1) -> [Told] {
    var told = settle(untilEnd: true)
    while event.deadline <= end && told.last?.kind != .disconnected {
      now = event.deadline
      told += settle(untilEnd: true)
    }
    return told
  }

  /// An address, a connection, and the first flight of the handshake.
  func shakeHands() throws {
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    try connect()
    #expect(settle() == [])
    #expect(step == .handshake)
  }
}
