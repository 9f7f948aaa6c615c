#if Tools

import NIOCore

extension ByteBuffer {
  /// Appends a packet of the hub's. Topics are shorter than 65,536 bytes, and packets than 256 MiB: the hub's own limits.
  mutating func write(_ packet: ServerPacket) {
    switch packet {
    case .connectAcknowledgement(let sessionPresent, let code):
      writeBytes([0x20, 2, sessionPresent ? 1 : 0, code.rawValue])
    case .publish(let publish): write(publish)
    case .acknowledgement(let id):
      writeBytes([0x40, 2])
      writeInteger(id)
    case .subscribeAcknowledgement(let id, let codes):
      writeInteger(0x90 as UInt8)
      writeRemainingLength(2 + codes.count)
      writeInteger(id)
      writeBytes(codes)
    case .unsubscribeAcknowledgement(let id):
      writeBytes([0xB0, 2])
      writeInteger(id)
    case .pong: writeBytes([0xD0, 0])
    }
  }

  private mutating func write(_ publish: PublishPacket) {
    let flags: UInt8 = (publish.isDuplicate ? 8 : 0) | publish.quality << 1 | (publish.retain ? 1 : 0)
    writeInteger(0x30 | flags)
    let identifier = publish.packetId == nil ? 0 : 2
    writeRemainingLength(2 + publish.topic.utf8.count + identifier + publish.payload.readableBytes)
    writeInteger(UInt16(publish.topic.utf8.count))
    writeString(publish.topic)
    if let id = publish.packetId { writeInteger(id) }
    writeImmutableBuffer(publish.payload)
  }

  mutating func writeRemainingLength(_ length: Int) {
    var rest = length
    repeat {
      let low = UInt8(rest & 0x7F)
      rest >>= 7
      writeInteger(rest > 0 ? low | 0x80 : low)
    } while rest > 0
  }
}

#endif
