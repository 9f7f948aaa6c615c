#if Tools

import NIOCore

/// Bounds what a client may send over a WebSocket before it has said who it is. It stands before the frames' decoder, which
/// keeps a frame until it is whole, and one may be as large as the largest message.
final class StrangerLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: MQTTConnection
  /// CONNECT, and the heads of frames that have a few bytes of it each.
  private var left = 2 * PacketDecoder.largestConnect

  init(_ connection: MQTTConnection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if connection.identity == nil {
      left -= unwrapInboundIn(data).readableBytes
      if left < 0 { return connection.close("it has sent too much before CONNECT") }
    }
    context.fireChannelRead(data)
  }
}

#endif
