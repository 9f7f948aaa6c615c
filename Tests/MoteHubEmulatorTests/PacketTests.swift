#if Tools

import NIOCore
import Testing

@testable import MoteHubEmulator

/// The codec against bytes of protocol.md 25, which are paho's.
struct PacketTests {
  private func decode(_ bytes: [UInt8], after first: [UInt8] = connected) throws -> ClientPacket? {
    var decoder = PacketDecoder()
    var buffer = ByteBuffer(bytes: first)
    while buffer.readableBytes > 0 { _ = try decoder.decode(buffer: &buffer) }
    buffer = ByteBuffer(bytes: bytes)
    let packet = try decoder.decode(buffer: &buffer)
    if packet != nil { #expect(buffer.readableBytes == 0) }
    return packet
  }

  private static let connected = bytes(
    """
    10 62 00 04 4d 51 54 54 04 c0 00 f0 00 04 64 65 76 31 00 34 6d 79 68 75 62 2e 61 7a 75 72 65 2d 64 65 76 69 63 65 73
    2e 6e 65 74 2f 64 65 76 31 2f 3f 61 70 69 2d 76 65 72 73 69 6f 6e 3d 32 30 32 31 2d 30 34 2d 31 32 00 1a 53 68 61 72
    65 64 41 63 63 65 73 73 53 69 67 6e 61 74 75 72 65 20 73 72 3d 78
    """)

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    hexadecimal.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
  }

  private static let subscribe: [UInt8] =
    bytes("82 5a 00 01 00 16") + Array("$iothub/methods/POST/#".utf8) + bytes("00 00 12")
    + Array("$iothub/twin/res/#".utf8)
    + bytes("00 00 27") + Array("$iothub/twin/PATCH/properties/desired/#".utf8) + [0]

  @Test func connectWithToken() throws {
    guard case .connect(let packet)? = try decode(Self.connected, after: []) else {
      Issue.record("no CONNECT")
      return
    }
    #expect(packet.clientId == "dev1" && packet.keepAlive == 240 && !packet.isClean && packet.level == 4)
    #expect(packet.userName == "myhub.azure-devices.net/dev1/?api-version=2021-04-12")
    #expect(packet.password == "SharedAccessSignature sr=x" && packet.will == nil)
  }

  @Test func connectWithWill() throws {
    let user = "myhub.azure-devices.net/dev1/?api-version=2021-04-12"
    let bytes =
      Self.bytes(
        "10 6a 00 04 4d 51 54 54 04 8c 00 f0 00 04 64 65 76 31 00 1d 64 65 76 69 63 65 73 2f 64 65 76 31 2f 6d 65 73 73 61 67 65 73 2f 65 76 65 6e 74 73 2f 00 03 62 79 65 00 34"
      ) + Array(user.utf8)
    guard case .connect(let packet)? = try decode(bytes, after: []) else {
      Issue.record("no CONNECT")
      return
    }
    #expect(packet.password == nil && packet.userName == user)
    #expect(
      packet.will
        == .init(topic: "devices/dev1/messages/events/", payload: ByteBuffer(string: "bye"), quality: 1, retain: false))
  }

  @Test func theRest() throws {
    #expect(
      try decode(Self.subscribe)
        == .subscribe(
          1,
          [
            Subscription(filter: "$iothub/methods/POST/#", quality: 0),
            Subscription(filter: "$iothub/twin/res/#", quality: 0),
            Subscription(filter: "$iothub/twin/PATCH/properties/desired/#", quality: 0),
          ]))
    let topic = "devices/dev1/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&k=v"
    #expect(
      try decode(Self.bytes("32 55 00 47") + Array(topic.utf8) + Self.bytes("00 02 7b 22 74 22 3a 32 31 2e 35 7d"))
        == .publish(PublishPacket(topic: topic, payload: ByteBuffer(string: #"{"t":21.5}"#), quality: 1, packetId: 2)))
    #expect(
      try decode(Self.bytes("30 1a 00 18 24 69 6f 74 68 75 62 2f 74 77 69 6e 2f 47 45 54 2f 3f 24 72 69 64 3d 31"))
        == .publish(PublishPacket(topic: "$iothub/twin/GET/?$rid=1", payload: ByteBuffer())))
    #expect(try decode([0xA2, 5, 0, 9, 0, 1, 0x61]) == .unsubscribe(9, ["a"]))
    #expect(try decode([0x40, 2, 0x12, 0x34]) == .acknowledgement(0x1234))
    #expect(try decode([0xC0, 0]) == .ping)
    #expect(try decode([0xE0, 0]) == .disconnect)
  }

  /// Each byte alone, and nothing is ready before the last one.
  @Test func inPieces() throws {
    var decoder = PacketDecoder()
    var buffer = ByteBuffer()
    var packets = 0
    for (index, byte) in (Self.connected + Self.subscribe).enumerated() {
      buffer.writeInteger(byte)
      if try decoder.decode(buffer: &buffer) != nil {
        packets += 1
        #expect(index + 1 == (packets == 1 ? 100 : 192))
      }
    }
    #expect(packets == 2)
  }

  @Test(
    arguments: [
      [0x30, 5, 0, 9, 0x61, 0x62, 0x63],  // a topic beyond the packet
      [0x30, 2, 0, 0],  // an empty topic
      [0x30, 3, 0, 1, 0xFF],  // not UTF-8
      [0x30, 3, 0, 1, 0],  // U+0000
      [0x36, 5, 0, 1, 0x61, 0, 1],  // QoS 3
      [0x32, 5, 0, 1, 0x61, 0, 0],  // packet identifier 0
      [0x32, 3, 0, 1, 0x61],  // no packet identifier
      [0x80, 6, 0, 1, 0, 1, 0x61, 0],  // reserved flags of SUBSCRIBE
      [0x82, 2, 0, 1],  // no filter
      [0x82, 6, 0, 1, 0, 1, 0x61, 3],  // QoS 3 asked for
      [0xC0, 1, 0],  // a ping with a body
      [0x40, 3, 0, 1, 0],  // a PUBACK that is too long
      [0x50, 2, 0, 1], [0x62, 2, 0, 1], [0x70, 2, 0, 1],  // QoS 2
      [0x00, 0], [0xF0, 0], [0x20, 2, 0, 0],  // not a client's
      [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1],  // a length of five bytes
      [0x30, 0x80, 0x80, 0x80, 0x20],  // 64 MiB
    ] as [[UInt8]])
  func malformed(_ bytes: [UInt8]) {
    #expect(throws: ProtocolViolation.self) { try decode(bytes) }
  }

  @Test(
    arguments: [
      [0xC0, 0],  // not CONNECT first
      [0x10, 0x80, 0x80, 0x20],  // 512 KiB of CONNECT
      [0x10, 4, 0, 4, 0x4D, 0x51],  // ends early
      [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x01, 0, 0, 0, 1, 0x61],  // the reserved flag
      [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x40, 0, 0, 0, 1, 0x61],  // a password without a user name
      [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x08, 0, 0, 0, 1, 0x61],  // QoS of no will
      [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x1C, 0, 0, 0, 1, 0x61],  // a will of QoS 3
    ] as [[UInt8]])
  func malformedConnect(_ bytes: [UInt8]) {
    #expect(throws: ProtocolViolation.self) { try decode(bytes, after: []) }
  }

  @Test func secondConnect() {
    #expect(throws: ProtocolViolation.self) { try decode(Self.connected) }
  }

  @Test func written() {
    func bytes(_ packet: ServerPacket) -> [UInt8] {
      var buffer = ByteBuffer()
      buffer.write(packet)
      return Array(buffer.readableBytesView)
    }
    #expect(bytes(.connectAcknowledgement(sessionPresent: true, .accepted)) == [0x20, 2, 1, 0])
    #expect(bytes(.connectAcknowledgement(sessionPresent: false, .notAuthorised)) == [0x20, 2, 0, 5])
    #expect(bytes(.acknowledgement(0x0102)) == [0x40, 2, 1, 2])
    #expect(bytes(.subscribeAcknowledgement(1, [0, 1])) == [0x90, 4, 0, 1, 0, 1])
    #expect(bytes(.unsubscribeAcknowledgement(7)) == [0xB0, 2, 0, 7])
    #expect(bytes(.pong) == [0xD0, 0])
    let response = PublishPacket(topic: "$iothub/methods/res/200/?$rid=7", payload: ByteBuffer(string: "{}"))
    #expect(
      bytes(.publish(response))
        == Self.bytes(
          "30 23 00 1f 24 69 6f 74 68 75 62 2f 6d 65 74 68 6f 64 73 2f 72 65 73 2f 32 30 30 2f 3f 24 72 69 64 3d 37 7b 7d"
        ))
    let again = PublishPacket(topic: "a", payload: ByteBuffer(), quality: 1, packetId: 5, isDuplicate: true)
    #expect(bytes(.publish(again)) == [0x3A, 5, 0, 1, 0x61, 0, 5])
  }

  @Test(
    arguments: [
      (0, [0x00]), (127, [0x7F]), (128, [0x80, 0x01]), (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 0x01]),
      (2_097_151, [0xFF, 0xFF, 0x7F]), (2_097_152, [0x80, 0x80, 0x80, 0x01]), (268_435_455, [0xFF, 0xFF, 0xFF, 0x7F]),
    ] as [(Int, [UInt8])])
  func remainingLength(_ length: Int, _ bytes: [UInt8]) {
    var buffer = ByteBuffer()
    buffer.writeRemainingLength(length)
    #expect(Array(buffer.readableBytesView) == bytes)
  }
}

#endif
