#if Tools

import NIOCore

/// Cuts what is written into pieces of a size: TLS makes a record of each. It stands before the TLS handler, which cannot
/// negotiate the maximum fragment length (RFC 6066).
final class RecordSize: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var rest = unwrapOutboundIn(data)
    while rest.readableBytes > bytes, let piece = rest.readSlice(length: bytes) {
      context.write(wrapOutboundOut(piece), promise: nil)
    }
    context.write(wrapOutboundOut(rest), promise: promise)
  }
}

#endif
