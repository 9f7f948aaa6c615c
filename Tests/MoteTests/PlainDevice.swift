import Mote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTestSupport
import Testing

/// A client over a fake port and no TLS, and the server that a test plays.
class PlainDevice {
  let server = PlainTLS()
  private let port = FakePort()
  private let string: Memory
  var client: DeviceClient
  var now: UInt64 = 1_000_000
  private(set) var event = DeviceEvent()

  init(_ string: String, receives: Bool) throws {
    self.string = Memory(Array(string.utf8))
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    var options = DeviceClient.Options()
    options.receivesMessages = receives
    let identity = try Identity(connectionString: self.string.region)
    client = DeviceClient(
      identity, signer: Signer(key: identity.key), port: port.port, tls: server.tls, endpoint: .empty, portNumber: 0,
      options: options)
  }

  // A client cannot be copied, so it cannot stand in an expectation; these can.
  var step: Step { client.step }
  /// Step, status and code.
  var lastError: [Int32] { [client.lastError.step.rawValue, client.lastError.status, client.lastError.libraryCode] }
  /// How many connections have failed at work.
  var failures: UInt32 { client.statistics.failures[Int(Step.work.rawValue)] }

  func send(_ payload: [UInt8], _ properties: [(String, String?)] = [], atMostOnce: Bool = false) throws -> Int {
    var message = client.compose()
    for (name, value) in properties {
      let name = Array(name.utf8)
      let value = value.map { Array($0.utf8) }
      message.append(name.span, value?.span)
    }
    return try client.send(message, payload: payload.span, atMostOnce: atMostOnce)
  }

  /// Polls once.
  func poll() -> DeviceEvent? { client.poll(now: now, &event) ? event : nil }

  /// The next event; nil when there is none before something comes or time passes.
  func hear() -> DeviceEvent? {
    for _ in 0..<10_000 {
      if let event = poll() { return event }
      if event.deadline > now && !event.waitsToWrite && server.incoming.isEmpty { return nil }
    }
    Issue.record("it does not sleep")
    return nil
  }

  /// What the server has got since it was asked last.
  func takeBytes() -> [UInt8] {
    defer { server.outgoing = [] }
    return server.outgoing
  }
}

/// One over HTTPS.
@safe final class HTTPSDevice: PlainDevice {
  private let memory = (0..<4).map { _ in Memory(1_024) }
  private let https: UnsafeMutablePointer<HTTPS>

  init(
    _ string: String = "HostName=hub.example;DeviceId=d#1;x509=true", receives: Bool = false, receiving: Int = 1_024,
    pollSeconds: UInt32? = nil
  ) throws {
    unsafe https = .allocate(capacity: 1)
    try super.init(string, receives: receives)
    var limits = HTTPS.Options()
    if let pollSeconds { limits.pollSeconds = pollSeconds }
    try unsafe client.use(
      https, HTTPMemory(receiving: memory[0].region, sending: memory[1].region),
      session: MQTTMemory(receiving: memory[2].region.part(0, receiving), outbox: memory[3].region), limits)
  }

  deinit { unsafe https.deallocate() }

  /// Connects, when it does not by itself, up to the first event.
  func open() throws {
    if client.step == .idle { try client.connect(now: now) }
    let event = try #require(hear())
    #expect(event.kind == .connected)
  }

  func disconnect() throws { try client.disconnect(now: now) }

  func send(_ payload: String, _ properties: [(String, String?)]) throws -> Int {
    try send(Array(payload.utf8), properties)
  }

  func send(_ batch: TestBatch) throws -> Int { try unsafe client.send(batch.pointer) }

  func takeSent() -> String { String(decoding: takeBytes(), as: UTF8.self) }
}

/// One over MQTT.
@safe final class MQTTDevice: PlainDevice {
  private let receiving = Memory(512)
  private let outbox: Memory
  private let methods: UnsafeMutablePointer<Methods>
  private let slots = Memory(Methods.slotSize)

  init(outbox: Int = 512, response: UInt32 = 30_000, hasMethods: Bool = false) throws {
    self.outbox = Memory(outbox)
    unsafe methods = .allocate(capacity: 1)
    try super.init("HostName=hub.example;DeviceId=d;x509=true", receives: true)
    var memory = MQTTMemory(receiving: receiving.region, outbox: self.outbox.region)
    memory.response = response
    try client.use(memory)
    if hasMethods { try unsafe client.use(methods, slots.region) }
  }

  deinit { unsafe methods.deallocate() }

  func respond(_ token: Int) throws { try client.respond(token, 200, .empty) }

  /// Connects, up to SUBSCRIBE.
  func greet() throws {
    try client.connect(now: now)
    #expect(hear() == nil)
    #expect(takeBytes().first == 0x10)
    server.incoming += [0x20, 2, 0, 0]
    #expect(hear()?.kind == .connected)
  }

  /// Connects, up to SUBACK.
  func open() throws {
    try greet()
    #expect(hear() == nil)
    let subscribe = takeBytes()
    #expect(subscribe.first == 0x82)
    server.incoming += [0x90, 3] + subscribe[2..<4] + [1]
    #expect(hear() == nil && step == .work)
  }
}
