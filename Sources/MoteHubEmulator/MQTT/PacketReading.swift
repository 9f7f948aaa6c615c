#if Tools

import NIOCore

/// Takes a client's packets out of the bytes that arrive, and says exactly what is wrong with them.
struct PacketDecoder: NIOSingleStepByteToMessageDecoder {
  typealias InboundOut = ClientPacket

  /// A message of 256 KiB, its topic and its packet identifier.
  static let largest = 256 * 1024 + 65_535 + 4
  /// CONNECT: each of its texts is at most 65,535 bytes long, and only a will has reason to be long.
  static let largestConnect = 96 * 1024

  private var isConnected = false

  mutating func decode(buffer: inout ByteBuffer) throws -> ClientPacket? {
    var rest = buffer
    guard let header = rest.readInteger(as: UInt8.self) else { return nil }
    if !isConnected && header != 0x10 { throw ProtocolViolation("the first packet is not CONNECT") }
    guard let length = try remainingLength(&rest) else { return nil }
    let limit = isConnected ? Self.largest : Self.largestConnect
    if length > limit { throw ProtocolViolation("a packet of \(length) bytes; the most is \(limit)") }
    guard var body = rest.readSlice(length: length) else { return nil }
    let packet = try packet(header, &body)
    if body.readableBytes > 0 { throw ProtocolViolation("bytes after the end of a packet") }
    buffer = rest
    isConnected = true
    return packet
  }

  mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ClientPacket? { nil }

  private func remainingLength(_ bytes: inout ByteBuffer) throws(ProtocolViolation) -> Int? {
    var length = 0
    for shift in stride(from: 0, to: 28, by: 7) {
      guard let byte = bytes.readInteger(as: UInt8.self) else { return nil }
      length |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return length }
    }
    throw ProtocolViolation("a Remaining Length of more than four bytes")
  }

  private func packet(_ header: UInt8, _ body: inout ByteBuffer) throws(ProtocolViolation) -> ClientPacket {
    switch header {
    case 0x10:
      if isConnected { throw ProtocolViolation("a second CONNECT") }
      return .connect(try ConnectPacket(&body))
    case 0x30...0x3F: return .publish(try PublishPacket(header & 0x0F, &body))
    case 0x40: return .acknowledgement(try body.packetId())
    case 0x50, 0x62, 0x70: throw ProtocolViolation("a packet of QoS 2")
    case 0x82:
      let id = try body.packetId()
      var subscriptions: [Subscription] = []
      repeat {
        let filter = try body.text("a topic filter")
        guard let quality = body.readInteger(as: UInt8.self), quality <= 2 else {
          throw ProtocolViolation("a SUBSCRIBE without a QoS of 0, 1 or 2")
        }
        subscriptions.append(Subscription(filter: filter, quality: quality))
      } while body.readableBytes > 0
      return .subscribe(id, subscriptions)
    case 0xA2:
      let id = try body.packetId()
      var filters: [String] = []
      repeat { filters.append(try body.text("a topic filter")) } while body.readableBytes > 0
      return .unsubscribe(id, filters)
    case 0xC0: return .ping
    case 0xE0: return .disconnect
    default: throw ProtocolViolation("a packet that begins with 0x\(String(header, radix: 16, uppercase: true))")
    }
  }
}

extension ConnectPacket {
  fileprivate init(_ body: inout ByteBuffer) throws(ProtocolViolation) {
    protocolName = try body.text("the protocol's name")
    guard let level = body.readInteger(as: UInt8.self), let flags = body.readInteger(as: UInt8.self),
      let keepAlive = body.readInteger(as: UInt16.self)
    else { throw ProtocolViolation("a CONNECT that ends early") }
    self.level = level
    self.keepAlive = keepAlive
    // The rest of another version is not ours to read: what there is gets an answer, not a close.
    guard protocolName == "MQTT" && level == 4 else {
      (isClean, clientId) = (true, "")
      body.moveReaderIndex(forwardBy: body.readableBytes)
      return
    }
    let hasWill = flags & 0x04 != 0, willQuality = (flags >> 3) & 3, retainsWill = flags & 0x20 != 0
    let hasPassword = flags & 0x40 != 0, hasUserName = flags & 0x80 != 0
    if flags & 1 != 0 || willQuality == 3 || (!hasWill && (willQuality != 0 || retainsWill))
      || (hasPassword && !hasUserName)
    {
      throw ProtocolViolation("CONNECT's flags 0x\(String(flags, radix: 16))")
    }
    isClean = flags & 0x02 != 0
    clientId = try body.text("the client identifier")
    if hasWill {
      will = Will(
        topic: try body.text("the will's topic"), payload: try body.bytes("the will"), quality: willQuality,
        retain: retainsWill)
    }
    if hasUserName { userName = try body.text("the user name") }
    if hasPassword {
      guard let password = String(validating: try body.bytes("the password").readableBytesView, as: UTF8.self) else {
        throw ProtocolViolation("a password that is not UTF-8")
      }
      self.password = password
    }
  }
}

extension PublishPacket {
  fileprivate init(_ flags: UInt8, _ body: inout ByteBuffer) throws(ProtocolViolation) {
    isDuplicate = flags & 8 != 0
    quality = (flags >> 1) & 3
    retain = flags & 1 != 0
    if quality == 3 { throw ProtocolViolation("a PUBLISH with QoS 3") }
    topic = try body.text("a topic")
    if topic.isEmpty { throw ProtocolViolation("an empty topic") }
    if quality > 0 { packetId = try body.packetId() }
    payload = body
    body.moveReaderIndex(forwardBy: body.readableBytes)
  }
}

extension ByteBuffer {
  fileprivate mutating func packetId() throws(ProtocolViolation) -> UInt16 {
    guard let id = readInteger(as: UInt16.self), id != 0 else { throw ProtocolViolation("no packet identifier") }
    return id
  }

  fileprivate mutating func bytes(_ what: String) throws(ProtocolViolation) -> ByteBuffer {
    guard let bytes = readLengthPrefixedSlice(as: UInt16.self) else {
      throw ProtocolViolation("\(what) ends early")
    }
    return bytes
  }

  fileprivate mutating func text(_ what: String) throws(ProtocolViolation) -> String {
    let view = try bytes(what).readableBytesView
    guard let text = String(validating: view, as: UTF8.self), !view.contains(0) else {
      throw ProtocolViolation("\(what) is not text in UTF-8")
    }
    return text
  }
}

#endif
