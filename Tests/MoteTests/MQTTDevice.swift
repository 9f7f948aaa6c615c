import Mote
import MoteBytes
import MoteHub
import MoteMQTT
import MoteTestSupport
import Testing

/// A client over MQTT, a fake port and no TLS.
@safe final class MQTTDevice {
  let server = PlainTLS()
  private let port = FakePort()
  private let string = Memory(Array("HostName=hub.example;DeviceId=d;x509=true".utf8))
  private let receiving = Memory(512)
  private let outbox: Memory
  private let methods: UnsafeMutablePointer<Methods>
  private let slots = Memory(Methods.slotSize)
  private var client: DeviceClient
  var now: UInt64 = 1_000_000
  private(set) var event = DeviceEvent()

  init(outbox: Int = 512, response: UInt32 = 30_000, hasMethods: Bool = false) throws {
    self.outbox = Memory(outbox)
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    var options = DeviceClient.Options()
    options.receivesMessages = true
    let identity = try Identity(connectionString: string.region)
    client = DeviceClient(
      identity, signer: Signer(key: identity.key), port: port.port, tls: server.tls, endpoint: .empty, portNumber: 0,
      options: options)
    var memory = MQTTMemory(receiving: receiving.region, outbox: self.outbox.region)
    memory.response = response
    try client.use(memory)
    unsafe methods = .allocate(capacity: 1)
    if hasMethods { try unsafe client.use(methods, slots.region) }
  }

  deinit { unsafe methods.deallocate() }

  var step: Step { client.step }

  func send(_ payload: [UInt8], atMostOnce: Bool = false) throws -> Int {
    let message = client.compose()
    return try client.send(message, payload: payload.span, atMostOnce: atMostOnce)
  }

  func respond(_ token: Int) throws { try client.respond(token, 200, .empty) }

  /// Connects, up to SUBSCRIBE.
  func greet() throws {
    try client.connect(now: now)
    #expect(hear() == nil)
    #expect(takeSent().first == 0x10)
    server.incoming += [0x20, 2, 0, 0]
    #expect(hear()?.kind == .connected)
  }

  /// Connects, up to SUBACK.
  func open() throws {
    try greet()
    #expect(hear() == nil)
    let subscribe = takeSent()
    #expect(subscribe.first == 0x82)
    server.incoming += [0x90, 3] + subscribe[2..<4] + [1]
    #expect(hear() == nil && step == .work)
  }

  /// The next event; nil when there is none before something comes or time passes.
  func hear() -> DeviceEvent? {
    for _ in 0..<10_000 {
      if client.poll(now: now, &event) { return event }
      if event.deadline > now && !event.waitsToWrite && server.incoming.isEmpty { return nil }
    }
    Issue.record("it does not sleep")
    return nil
  }

  /// What the server has got since it was asked last.
  func takeSent() -> [UInt8] {
    defer { server.outgoing = [] }
    return server.outgoing
  }
}
