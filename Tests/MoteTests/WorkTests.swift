import CMote
import Mote
import MoteBytes
import Testing

/// What a client does once it is connected: what waits for something is not forgotten when that has come.
struct WorkTests {
  private static let bound = "devices/d/messages/devicebound/"

  @Test("A burst of messages is told without waiting, though no more than eight may be unacknowledged")
  func burst() throws {
    let device = try MQTTDevice()
    try device.open()
    device.server.incoming += (1...11).flatMap { publish(Self.bound, [$0], identifier: $0) }
    for number in 1...11 {
      let event = try #require(device.hear(), "message \(number)")
      #expect(event.kind == .message && event.payload[0] == UInt8(number))
    }
    #expect(device.hear() == nil)
    #expect(device.takeBytes() == (1...11).flatMap { [0x40, 2, 0, UInt8($0)] })
    #expect(device.event.deadline > device.now + 60_000)
  }

  @Test("What leaves and is not acknowledged makes room for SUBSCRIBE")
  func fullOutbox() throws {
    let device = try MQTTDevice(outbox: 160)
    while (try? device.send([UInt8](repeating: 7, count: 20), atMostOnce: true)) != nil {}
    try device.greet()
    #expect(device.hear() == nil)
    let sent = device.takeBytes()
    #expect(sent.first == 0x30)
    #expect(sent.suffix(39).first == 0x82, "and SUBSCRIBE behind it")
  }

  @Test("A call that comes before SUBACK, as it may (3.8.4), is answered")
  func earlyCall() throws {
    let device = try MQTTDevice(hasMethods: true)
    try device.greet()
    #expect(device.hear() == nil)
    let subscribe = device.takeBytes()
    device.server.incoming += publish("$iothub/methods/POST/m/?$rid=1", [])
    let call = try #require(device.hear())
    #expect(call.kind == .method)
    try device.respond(call.token)
    #expect(device.hear() == nil)
    #expect(device.takeBytes().starts(with: [0x30, 33, 0, 31] + Array("$iothub/methods/res/200/?$rid=1".utf8)))
    device.server.incoming += [0x90, 4] + subscribe[2..<4] + [1, 0]
    #expect(device.hear() == nil && device.step == .work)
  }

  @Test("An answer that has come is taken, however late the application asks")
  func busy() throws {
    let device = try MQTTDevice(response: 2_000)
    try device.open()
    let token = try device.send([1])
    #expect(device.hear() == nil)
    let sent = device.takeBytes()
    device.server.incoming += [0x40, 2] + sent.suffix(3).prefix(2)
    device.now += 3_500
    let event = try #require(device.hear())
    #expect(event.kind == .sent && event.token == token)
    // Nor is one awaited for ever.
    _ = try device.send([2])
    #expect(device.hear() == nil)
    device.now += 2_000
    #expect(device.hear()?.status == MOTE_ERROR_MQTT_ACKNOWLEDGEMENT)
  }

  @Test("Nothing of what was not told stands in the next event")
  func leftover() throws {
    let device = try MQTTDevice()
    try device.greet()
    #expect(device.hear() == nil)
    let subscribe = device.takeBytes()
    device.server.incoming += [0x90, 3] + subscribe[2..<4] + [1]
    device.server.isClosed = true
    let event = try #require(device.hear())
    #expect(event.kind == .disconnected && event.status == MOTE_ERROR_CLOSED)
    #expect(event.token == 0 && event.payload.count == 0)
  }
}
