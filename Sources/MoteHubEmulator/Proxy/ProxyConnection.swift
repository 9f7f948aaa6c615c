#if Tools

import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to the proxy: a request, its answer, and what then goes through the tunnel.
final class ProxyConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Stage {
    case request
    /// Nothing is read while the way to the hub is made.
    case connecting
    case tunnel
    /// What still comes is read, and dropped: else the answer could be lost with the connection. Not without a bound.
    case refused(left: Int)
  }

  private let server: ProxyServer
  private var stage = Stage.request
  private var head = ByteBuffer()
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  /// Since when it has been waiting for the client's request, or for the client to go. Nil with a tunnel.
  private(set) var waitingSince: NIODeadline?

  init(server: ProxyServer) { self.server = server }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    wait(context, server.limits.request)
    server.opened(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { ended() }

  func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch stage {
    case .tunnel: context.fireChannelRead(data)
    case .refused(let left):
      let rest = left - unwrapInboundIn(data).readableBytes
      stage = .refused(left: rest)
      if rest < 0 { context.close(promise: nil) }
    case .connecting:
      var bytes = unwrapInboundIn(data)
      head.writeBuffer(&bytes)
    case .request:
      var bytes = unwrapInboundIn(data)
      let searched = max(head.writerIndex - 3, 0)
      head.writeBuffer(&bytes)
      let view = head.readableBytesView
      if let end = view[searched...].firstRange(of: Array("\r\n\r\n".utf8)), end.upperBound <= server.limits.headers {
        head.moveReaderIndex(to: end.upperBound)
        take(view[..<end.lowerBound], context)
      } else if head.readableBytes > server.limits.headers {
        refuse(.requestHeaderFieldsTooLarge, context)
      }
    }
  }

  private func take(_ text: ByteBufferView, _ context: ChannelHandlerContext) {
    do throws(ProxyRequest.Refusal) {
      let target = try server.target(of: ProxyRequest(head: text))
      stage = .connecting
      try? context.channel.syncOptions?.setOption(.autoRead, value: false)
      ClientBootstrap(group: server.loop)
        .connectTimeout(.seconds(10))
        .channelOption(.autoRead, value: false)
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .connect(to: target)
        .assumeIsolated()
        .whenComplete { self.connected($0) }
    } catch {
      refuse(error.status, context)
    }
  }

  private func connected(_ result: Result<any Channel, any Error>) {
    guard let context else {
      if case .success(let hub) = result { hub.close(promise: nil) }
      return
    }
    do {
      let hub = try result.get()
      server.log.info("tunnel", metadata: ["port": "\(hub.remoteAddress?.port ?? 0)"])
      try TunnelEnd.join(context.channel, hub, patience: server.limits.response)
      deadline?.cancel()
      waitingSince = nil
      stage = .tunnel
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")), promise: nil)
      if head.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(head)) }
      context.fireChannelReadComplete()
      head = ByteBuffer()
      for channel in [context.channel, hub] { try channel.syncOptions?.setOption(.autoRead, value: true) }
    } catch {
      try? context.channel.syncOptions?.setOption(.autoRead, value: true)
      refuse(.badGateway, context)
    }
  }

  private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
    server.log.info("no tunnel", metadata: ["status": "\(status.code)"])
    stage = .refused(left: server.limits.body)
    head = ByteBuffer()
    wait(context, server.limits.response)
    let body = "\(status.code) \(status.reasonPhrase)\n"
    var lines = ["HTTP/1.1 \(status.code) \(status.reasonPhrase)", "Date: \(HTTPDate.text(.now))"]
    if status == .proxyAuthenticationRequired { lines.append("Proxy-Authenticate: Basic realm=\"mote-hub\"") }
    if status == .methodNotAllowed { lines.append("Allow: CONNECT") }
    lines += ["Content-Type: text/plain", "Content-Length: \(body.utf8.count)", "Connection: close", "", body]
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: lines.joined(separator: "\r\n")))).assumeIsolated()
      .whenComplete { _ in self.context?.close(mode: .output, promise: nil) }
  }

  /// Closes the connection, and with it the tunnel.
  func close() { context?.close(promise: nil) }

  private func wait(_ context: ChannelHandlerContext, _ time: TimeAmount) {
    waitingSince = context.eventLoop.now
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
  }

  private func ended() {
    guard context != nil else { return }
    context = nil
    deadline?.cancel()
    server.closed(self)
  }
}

#endif
