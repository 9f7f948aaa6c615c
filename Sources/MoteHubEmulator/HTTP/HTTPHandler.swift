#if Tools

import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// One connection of the HTTP server: takes requests, each as a whole, and writes what the routes answer.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: HTTPServer
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var stream: HTTPStream?
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  /// Since when it has been waiting for a request's head; nil while it is not.
  private(set) var waitingSince: NIODeadline?
  /// Whether the response that is being made is the last of the connection.
  private var isLast = false

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

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

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

  /// Closes the connection.
  func close() { context?.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      waitingSince = nil
      self.head = head
      body = []
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
    case .end:
      guard let head else { return }
      self.head = nil
      deadline?.cancel()
      isLast = !head.isKeepAlive
      respond(to: head, context)
    }
  }

  /// Answers without taking the rest of the request.
  private func refuseBody(_ context: ChannelHandlerContext) {
    guard let head else { return }
    self.head = nil
    body = []
    isLast = true
    let error = HubError.tooLarge("The body of a request has \(server.limits.body) bytes at most.")
    write(.error(error), to: head, context)
  }

  private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let body = self.body
    self.body = []
    let certificate = (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))
      .flatMap(TLS.certificate)
    switch server.answer(head, body: body, certificate: certificate) {
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
    context.write(
      wrapOutboundOut(.head(.init(version: head.version, status: response.status, headers: headers))), promise: nil)
    if head.method != .HEAD, response.status.mayHaveResponseBody, !response.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    limit(context, server.limits.response)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      guard let context = self.context else { return }
      if self.isLast {
        context.close(promise: nil)
      } else if self.head == nil {
        self.expect(context)
      }
    }
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
    stream?.closed()
    stream = nil
    server.closed(self)
  }
}

#endif
