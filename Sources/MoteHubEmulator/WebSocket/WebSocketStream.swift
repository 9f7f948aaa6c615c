#if Tools

import NIOCore
import NIOWebSocket

/// Makes of a WebSocket's frames the stream of bytes that they carry, and frames of what is written (RFC 6455, 5).
final class WebSocketStream: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = WebSocketFrame

  /// Whether Close has left, after which nothing does.
  private var isClosing = false
  /// Whether a pong is on its way, and what the next one will say.
  private var isPonging = false
  private var nextPong: ByteBuffer?
  /// Whether a message has begun and not ended.
  private var isFragmented = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    if isClosing && frame.opcode != .connectionClose { return }
    guard frame.maskKey != nil, !frame.rsv1 && !frame.rsv2 && !frame.rsv3 else {
      return leave(context, .protocolError)
    }
    switch frame.opcode {
    case .binary, .continuation:
      guard (frame.opcode == .continuation) == isFragmented else { return leave(context, .protocolError) }
      isFragmented = !frame.fin
      context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
    case .ping: answer(frame.unmaskedData, context)
    case .pong: break
    case .connectionClose:
      let code = frame.unmaskedData.getSlice(at: frame.data.readerIndex, length: min(2, frame.data.readableBytes))
      leave(context, code ?? ByteBuffer())
    case .text: leave(context, .unacceptableData)
    default: leave(context, .protocolError)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is NIOWebSocketError { leave(context, .protocolError) } else { context.fireErrorCaught(error) }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isClosing {
      promise?.fail(ChannelError.ioOnClosedChannel)
    } else {
      let frame = WebSocketFrame(fin: true, opcode: .binary, data: unwrapOutboundIn(data))
      context.write(wrapOutboundOut(frame), promise: promise)
    }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    say(context, code(.normalClosure))
    context.close(mode: mode, promise: promise)
  }

  /// Answers a ping. Of those that come while an answer is on its way, the last one is answered (RFC 6455, 5.5.3): they are not
  /// kept for a client that takes none.
  private func answer(_ ping: ByteBuffer, _ context: ChannelHandlerContext) {
    if isPonging {
      nextPong = ping
      return
    }
    isPonging = true
    let frame = WebSocketFrame(fin: true, opcode: .pong, data: ping)
    context.writeAndFlush(wrapOutboundOut(frame)).assumeIsolated().whenSuccess {
      self.isPonging = false
      guard let ping = self.nextPong else { return }
      self.nextPong = nil
      self.answer(ping, context)
    }
  }

  private func leave(_ context: ChannelHandlerContext, _ reason: WebSocketErrorCode) {
    leave(context, code(reason))
  }

  private func leave(_ context: ChannelHandlerContext, _ payload: ByteBuffer) {
    say(context, payload)
    context.close(promise: nil)
  }

  /// Says Close, once.
  private func say(_ context: ChannelHandlerContext, _ payload: ByteBuffer) {
    if isClosing { return }
    isClosing = true
    context.writeAndFlush(
      wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)), promise: nil)
  }

  private func code(_ reason: WebSocketErrorCode) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.write(webSocketErrorCode: reason)
    return buffer
  }
}

#endif
