#if Tools

import NIOCore
import NIOPosix

/// Where a server listens: on one address, or nowhere. It belongs to an event loop, as do the connections that are made there.
final class Listener {
  private let loop: any EventLoop
  private var channel: (any Channel)?
  /// Where it listens now.
  var address: SocketAddress? { channel?.localAddress }

  init(on loop: any EventLoop) { self.loop = loop }

  /// Begins to listen; with port 0 on any that is free. Returns where. `configure` sets what this server's connections have of their
  /// own, `serve` makes each new one the server's. Called on the loop.
  func open(
    _ host: String, _ port: Int, configure: (ServerBootstrap) -> ServerBootstrap,
    serve: @escaping (any Channel) throws -> Void
  ) -> EventLoopFuture<SocketAddress> {
    let listener = NIOLoopBound(self, eventLoop: loop)
    let serve = NIOLoopBound(serve, eventLoop: loop)
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 4_096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try serve.value(channel) }
      }
    return configure(bootstrap)
      .bind(host: host, port: port)
      .assumeIsolated()
      .flatMapThrowing { channel in
        listener.value.channel = channel
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        return address
      }
      .nonisolated()
  }

  /// Stops listening. Connections go on. Called on the loop.
  @discardableResult
  func close() -> EventLoopFuture<Void> {
    guard let channel else { return loop.makeSucceededVoidFuture() }
    self.channel = nil
    return channel.close()
  }
}

#endif
