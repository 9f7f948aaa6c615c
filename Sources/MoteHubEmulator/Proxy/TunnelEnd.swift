#if Tools

import NIOCore

/// One end of a tunnel: what comes to it leaves at the other one, no faster than is taken there.
final class TunnelEnd: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let patience: TimeAmount
  private var other: TunnelEnd?
  private var context: ChannelHandlerContext?
  /// Whether something is to be read as soon as the other end takes more.
  private var isReadDue = false
  private var deadline: Scheduled<Void>?

  private init(patience: TimeAmount) { self.patience = patience }

  /// Makes a tunnel of two connections on one loop, on which this is called. When one ends, the other has `patience` to take what
  /// is left.
  static func join(_ first: any Channel, _ second: any Channel, patience: TimeAmount) throws {
    let ends = (TunnelEnd(patience: patience), TunnelEnd(patience: patience))
    ends.0.other = ends.1
    ends.1.other = ends.0
    try first.pipeline.syncOperations.addHandler(ends.0)
    try second.pipeline.syncOperations.addHandler(ends.1)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { ended() }

  func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { other?.context?.write(data, promise: nil) }

  func channelReadComplete(context: ChannelHandlerContext) { other?.context?.flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, let other, other.isReadDue {
      other.isReadDue = false
      other.context?.read()
    }
    context.fireChannelWritabilityChanged()
  }

  func read(context: ChannelHandlerContext) {
    if other?.context?.channel.isWritable == false {
      isReadDue = true
    } else {
      context.read()
    }
  }

  private func ended() {
    context = nil
    deadline?.cancel()
    other?.finish()
    other = nil
  }

  /// Closes, when what has been written has left.
  private func finish() {
    other = nil
    guard let context else { return }
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.context?.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
      self.context?.close(promise: nil)
    }
  }
}

#endif
