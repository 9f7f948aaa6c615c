#if Tools

private import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server on one event loop, with or without TLS. It belongs to that loop, as do its routes.
package final class HTTPServer {
  package let loop: any EventLoop
  let limits: HTTPLimits
  private let router: Router
  private let sockets: [WebSocketRoute]
  private let check: OriginCheck
  private let authorise: (HTTPRequest) throws -> Void
  private let secure: (@Sendable (any Channel) throws -> Void)?
  private var connections: [ObjectIdentifier: HTTPHandler] = [:]
  private var bodies = 0
  private let listener: Listener
  /// Where it listens now.
  var address: SocketAddress? { listener.address }

  /// `names` are those that a request's `Host` may have, without a port. `authorise` throws when a request has not the key of
  /// the service's policy. `secure` adds TLS to a new connection's pipeline.
  package init(
    on loop: any EventLoop, router: Router, sockets: [WebSocketRoute] = [], names: Set<String>,
    limits: HTTPLimits = HTTPLimits(),
    secure: (@Sendable (any Channel) throws -> Void)? = nil, authorise: @escaping (HTTPRequest) throws -> Void
  ) {
    self.loop = loop
    listener = Listener(on: loop)
    self.router = router
    self.sockets = sockets
    self.limits = limits
    self.secure = secure
    self.authorise = authorise
    check = OriginCheck(names: Set(names.map { $0.lowercased() }), isSecure: secure != nil)
  }

  /// Begins to listen; with port 0 on any that is free. Returns where. Called on the loop.
  package func listen(_ host: String, _ port: Int) -> EventLoopFuture<SocketAddress> {
    listener.open(host, port) {
      // What is read at once is parsed at once: requests that nobody has answered yet are in memory.
      $0.childChannelOption(.maxMessagesPerRead, value: 1)
        .childChannelOption(
          .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 16_384))
    } serve: {
      try self.serve($0)
    }
  }

  /// Makes a new connection one of this server. Called on the loop.
  package func serve(_ channel: any Channel) throws {
    try secure?(channel)
    var headers = NIOHTTPDecoderLimitConfiguration()
    headers.maxHeaderListSize = limits.headers
    headers.maxHeaderFieldSize = limits.headers
    let pipeline = channel.pipeline.syncOperations
    let handler = HTTPHandler(server: self)
    let replaced = NIOLoopBound(handler, eventLoop: loop)
    let check = self.check
    let upgrade: NIOHTTPServerUpgradeConfiguration? =
      sockets.isEmpty
      ? nil
      : (
        upgraders: sockets.map { $0.upgrader(on: loop, check: check.check) },
        completionHandler: { $0.pipeline.syncOperations.removeHandler(replaced.value, promise: nil) }
      )
    try pipeline.configureHTTPServerPipeline(
      withServerUpgrade: upgrade, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: headers)
    try pipeline.addHandler(handler)
  }

  /// Stops listening, and closes every connection. Called on the loop.
  package func stop() {
    listener.close()
    for connection in connections.values { connection.close() }
  }

  func opened(_ connection: HTTPHandler) {
    if connections.count >= limits.connections { closeLongestWaiting { _ in true } }
    connections[ObjectIdentifier(connection)] = connection
  }

  func closed(_ connection: HTTPHandler) { connections[ObjectIdentifier(connection)] = nil }

  /// So many more bytes of bodies are kept for requests, or fewer.
  func keeps(_ bytes: Int) {
    bodies += bytes
    if bytes > 0, bodies > limits.bodies { closeLongestWaiting { $0.hasBody } }
  }

  private func closeLongestWaiting(where isMeant: (HTTPHandler) -> Bool) {
    let waiting = connections.values.filter { $0.waitingSince != nil && isMeant($0) }
    waiting.min { $0.waitingSince ?? loop.now < $1.waitingSince ?? loop.now }?.close()
  }

  /// What becomes of a request whose head is there.
  enum Begun {
    /// It is answered when its body is there, refusals included.
    case whole(([UInt8]) throws -> Answer)
    case reading(any BodyReader)
  }

  /// Finds who answers a request. Throws what is to be answered before its body has come.
  func begin(_ head: HTTPRequestHead, port: Int?, certificate: DeviceCertificate?) throws -> Begun {
    let asked: (request: HTTPRequest, match: Router.Match)
    do {
      try check.check(head.headers)
      guard var request = HTTPRequest(head) else {
        throw HubError.argumentInvalid("The request's path or query is malformed.")
      }
      request.certificate = certificate
      request.port = port
      let match = try router.match(request)
      request.parameters = match.parameters
      asked = (request, match)
    } catch {
      return .whole { _ in throw error }
    }
    switch asked.match.respond {
    case .whole(let respond):
      return .whole { [authorise] body in
        var request = asked.request
        if asked.match.access == .service { try authorise(request) }
        request.body = body
        return try respond(request)
      }
    case .reading(let begin):
      if asked.match.access == .service { try authorise(asked.request) }
      return .reading(try begin(asked.request))
    }
  }

  static func response(to error: any Error) -> HTTPResponse {
    if let refusal = error as? any HTTPRefusal { return refusal.response }
    // What the words of an unexpected error hold is not for strangers.
    Logger(label: "mote-hub.http").error("\(error)")
    return .error(HubError(500, 500_001, "ServerError", "The hub has failed; its log says why."))
  }
}

#endif
