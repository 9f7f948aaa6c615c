#if Tools

import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import NIOSSL

/// One connection of the HTTP server: takes requests, and writes what the routes answer.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: HTTPServer
  /// The request that is coming; nil between two, and when the rest of one is thrown away.
  private var head: HTTPRequestHead?
  private var begun: HTTPServer.Begun?
  private var body: [UInt8] = []
  /// How much of a body that is read as it comes has come since it last got time.
  private var piece = 0
  var hasBody: Bool { !body.isEmpty }
  private var stream: HTTPStream?
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  /// Since when it has been waiting for the client: for a request, or for the answer to be taken. Nil while the hub works.
  private(set) var waitingSince: NIODeadline?
  /// Whether the response that is being made is the last of the connection.
  private var isLast = false
  /// Whether the last response waits for the end of its request: closed before that, the client would not get it.
  private var isAhead = false
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
    forget()
    context?.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Requests that waited for their turn come out when the connection has ended.
    if isClosing || self.context == nil { return }
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let bytes): take(bytes, context)
    case .end:
      guard let head else {
        if isAhead { close() }
        return
      }
      let begun = self.begun
      self.head = nil
      self.begun = nil
      deadline?.cancel()
      waitingSince = nil
      if head.method == .CONNECT || head.headers.contains(name: "Upgrade") {
        // What follows a request to speak something else is no request. It would wait for another reader without a bound.
        isLast = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
      }
      do {
        switch begun {
        case .whole(let answer): respond(with: try answer(takeBody()), to: head, context)
        case .reading(let reader): respond(with: try reader.end(), to: head, context)
        case nil: break
        }
      } catch {
        write(HTTPServer.response(to: error), to: head, context)
      }
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    self.head = head
    isLast = !head.isKeepAlive
    limit(context, server.limits.request)
    let certificate = (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))
      .flatMap(TLS.certificate)
    let isExpecting = head.headers.first(name: "Expect")?.lowercased() == "100-continue"
    do {
      let begun = try server.begin(head, port: context.channel.localAddress?.port, certificate: certificate)
      self.begun = begun
      if case .whole = begun, let text = head.headers.first(name: "Content-Length"), let length = Int(text),
        length > server.limits.body
      {
        refuseBody(context)
      } else if isExpecting {
        context.writeAndFlush(wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
      }
    } catch {
      // Who waits for leave sends no body.
      refuse(error, isLast: isExpecting, context)
    }
  }

  private func take(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    switch begun {
    case .whole:
      if body.count + bytes.readableBytes > server.limits.body { return refuseBody(context) }
      body += bytes.readableBytesView
      server.keeps(bytes.readableBytes)
    case .reading(let reader):
      piece += bytes.readableBytes
      if piece >= server.limits.piece {
        piece = 0
        expect(context)
      }
      do {
        try reader.take(bytes)
      } catch is ConnectionCut {
        close()
      } catch {
        refuse(error, isLast: false, context)
      }
    case nil: break
    }
  }

  /// Answers without taking the rest of the request.
  private func refuseBody(_ context: ChannelHandlerContext) {
    refuse(HubError.tooLarge("The body of a request has \(server.limits.body) bytes at most."), isLast: true, context)
  }

  /// Answers before the request is complete. Unless this is the end of the connection, the rest is thrown away.
  private func refuse(_ error: any Error, isLast isEnd: Bool, _ context: ChannelHandlerContext) {
    guard let head else { return }
    forget()
    isAhead = isLast && !isEnd
    isLast = isLast || isEnd
    write(HTTPServer.response(to: error), to: head, context)
  }

  /// Lets go of the request that is coming.
  private func forget() {
    if case .reading(let reader) = begun { reader.abandon() }
    head = nil
    begun = nil
    _ = takeBody()
  }

  private func takeBody() -> [UInt8] {
    defer { body = [] }
    server.keeps(-body.count)
    return body
  }

  private func respond(with answer: Answer, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch answer {
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
    if isAhead { limit(context, server.limits.response) } else if isLast { close() }
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
    forget()
    stream?.closed()
    stream = nil
    server.closed(self)
  }
}

#endif
