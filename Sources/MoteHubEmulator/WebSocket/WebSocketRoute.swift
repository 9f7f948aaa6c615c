#if Tools

package import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A path where an HTTP server takes WebSockets (RFC 6455) for one protocol, which goes on with the stream of bytes.
package struct WebSocketRoute {
  /// Most bytes of a frame: the largest message and what is around it.
  private static let largestFrame = 512 << 10

  package let path: String
  /// The name of the protocol, in lower case.
  package let subprotocol: String
  /// Adds what works on the stream to the connection. Called on the loop.
  package let begin: (any Channel) throws -> Void

  package init(path: String, subprotocol: String, begin: @escaping (any Channel) throws -> Void) {
    self.path = path
    self.subprotocol = subprotocol
    self.begin = begin
  }

  /// Takes upgrades on a connection of `loop`. `check` throws for a request that is not to be answered here.
  func upgrader(
    on loop: any EventLoop, check: @escaping (HTTPHeaders) throws -> Void
  ) -> any HTTPServerProtocolUpgrader {
    let route = NIOLoopBound((self, check), eventLoop: loop)
    return NIOWebSocketServerUpgrader(
      maxFrameSize: Self.largestFrame, automaticErrorHandling: false,
      shouldUpgrade: { channel, head in
        channel.eventLoop.makeSucceededFuture(route.value.0.accepts(head, route.value.1))
      },
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(WebSocketStream())
          try route.value.0.begin(channel)
        }
      })
  }

  /// The headers of the answer; nil for a request that is not for this route, which then is answered as any other.
  private func accepts(_ head: HTTPRequestHead, _ check: (HTTPHeaders) throws -> Void) -> HTTPHeaders? {
    guard head.method == .GET, head.uri.prefix(while: { $0 != "?" }).lowercased() == path,
      (try? check(head.headers)) != nil
    else { return nil }
    // The name as the client wrote it, which may compare it so.
    let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
    guard let name = offered.first(where: { $0.lowercased() == subprotocol }) else { return nil }
    return ["Sec-WebSocket-Protocol": String(name)]
  }
}

#endif
