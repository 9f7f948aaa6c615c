#if Tools

import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import NIOSSL

/// One connection of the HTTP server: takes requests, each as a whole, and writes what the routes answer.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: HTTPServer
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  var hasBody: Bool { !body.isEmpty }
  private var stream: HTTPStream?
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  /// Since when it has been waiting for the client: for a request, or for the answer to be taken. Nil while the hub works.
  private(set) var waitingSince: NIODeadline?
  /// Whether the response that is being made is the last of the connection.
  private var isLast = false
  private var isClosing = false

  init(server: HTTPServer) { self.server = server }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    server.opened(self)
    if context.channel.isActive { expect(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { ended() }

  func channelActive(context: ChannelHandlerContext) {
    expect(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A request for a WebSocket that none is for is answered as any other.
    if !(error is NIOWebSocketUpgradeError) { context.close(promise: nil) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if let stream {
      if context.channel.isWritable {
        deadline?.cancel()
        stream.whenWritable()
      } else {
        limit(context, server.limits.response)
      }
    }
    context.fireChannelWritabilityChanged()
  }

  /// Closes the connection. With TLS it may be there for a while yet, and nothing that comes is taken.
  func close() {
    isClosing = true
    waitingSince = nil
    head = nil
    _ = takeBody()
    context?.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Requests that waited for their turn come out when the connection has ended.
    if isClosing || self.context == nil { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      limit(context, server.limits.request)
      if let text = head.headers.first(name: "Content-Length"), let length = Int(text), length > server.limits.body {
        refuseBody(context)
      } else if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
        context.writeAndFlush(wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
      }
    case .body(let bytes):
      guard head != nil else { return }
      if body.count + bytes.readableBytes > server.limits.body { return refuseBody(context) }
      body += bytes.readableBytesView
      server.keeps(bytes.readableBytes)
    case .end:
      guard let head else { return }
      self.head = nil
      deadline?.cancel()
      waitingSince = nil
      isLast = !head.isKeepAlive
      if head.method == .CONNECT || head.headers.contains(name: "Upgrade") {
        // What follows a request to speak something else is no request. It would wait for another reader without a bound.
        isLast = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
      }
      respond(to: head, context)
    }
  }

  /// Answers without taking the rest of the request.
  private func refuseBody(_ context: ChannelHandlerContext) {
    guard let head else { return }
    self.head = nil
    _ = takeBody()
    isLast = true
    let error = HubError.tooLarge("The body of a request has \(server.limits.body) bytes at most.")
    write(.error(error), to: head, context)
  }

  private func takeBody() -> [UInt8] {
    defer { body = [] }
    server.keeps(-body.count)
    return body
  }

  private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let certificate = (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))
      .flatMap(TLS.certificate)
    switch server.answer(head, body: takeBody(), certificate: certificate) {
    case .response(let response): write(response, to: head, context)
    case .later(let future):
      future.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
        guard let context = self.context else { return }
        switch result {
        case .success(let response): self.write(response, to: head, context)
        case .failure(let error): self.write(HTTPServer.response(to: error), to: head, context)
        }
      }
    case .stream(let headers, let begin):
      isLast = true
      var headers = headers
      addCommonHeaders(&headers)
      context.writeAndFlush(
        wrapOutboundOut(.head(.init(version: head.version, status: .ok, headers: headers))), promise: nil)
      if head.method == .HEAD {
        context.close(promise: nil)
        return
      }
      let stream = HTTPStream(channel: context.channel)
      self.stream = stream
      begin(stream)
    }
  }

  private func write(_ response: HTTPResponse, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var headers = response.headers
    addCommonHeaders(&headers)
    if response.status.mayHaveResponseBody { headers.add(name: "Content-Length", value: String(response.body.count)) }
    let hasBody = head.method != .HEAD && response.status.mayHaveResponseBody
    context.write(
      wrapOutboundOut(.head(.init(version: head.version, status: response.status, headers: headers))), promise: nil)
    let rest = ByteBuffer(bytes: hasBody ? response.body : [])
    waitingSince = context.eventLoop.now
    limit(context, server.limits.response)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(rest)))).assumeIsolated().whenComplete { _ in
      // Ending a response lets the next request in, which may have come with this one: not before the client has taken this
      // answer, and not within this call, or a thousand requests at once were a thousand calls in each other.
      context.eventLoop.assumeIsolated().execute { self.endResponse() }
    }
  }

  private func endResponse() {
    guard let context else { return }
    if !isLast { expect(context) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if isLast { close() }
  }

  private func addCommonHeaders(_ headers: inout HTTPHeaders) {
    headers.add(name: "Date", value: HTTPDate.text(.now))
    headers.replaceOrAdd(name: "X-Content-Type-Options", value: "nosniff")
    if !headers.contains(name: "Cache-Control") { headers.add(name: "Cache-Control", value: "no-store") }
    if isLast { headers.add(name: "Connection", value: "close") }
  }

  private func expect(_ context: ChannelHandlerContext) {
    waitingSince = context.eventLoop.now
    limit(context, server.limits.request)
  }

  private func limit(_ context: ChannelHandlerContext, _ time: TimeAmount) {
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
  }

  private func ended() {
    guard context != nil else { return }
    context = nil
    deadline?.cancel()
    _ = takeBody()
    stream?.closed()
    stream = nil
    server.closed(self)
  }
}

#endif
