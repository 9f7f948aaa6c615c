#if Tools

package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP proxy on one event loop that makes tunnels (CONNECT) to a hub's own listeners, and to nothing else.
package final class ProxyServer {
  let loop: any EventLoop
  let limits: HTTPLimits
  let log: Logger
  private let names: Set<String>
  private let credentials: String?
  private let targets: () -> [SocketAddress]
  private var connections: [ObjectIdentifier: ProxyConnection] = [:]
  private let listener: Listener

  /// `names` are the hub's; `targets` says where it listens now. With `credentials`, user and password with a colon between, who
  /// does not show them is turned away.
  package init(
    on loop: any EventLoop, names: some Sequence<String>, credentials: String?, limits: HTTPLimits = HTTPLimits(),
    log: Logger, targets: @escaping () -> [SocketAddress]
  ) {
    self.loop = loop
    listener = Listener(on: loop)
    self.names = Set(names.map { $0.lowercased() })
    self.credentials = credentials
    self.limits = limits
    self.log = log
    self.targets = targets
  }

  /// Begins to listen; with port 0 on any that is free. Returns where. Called on the loop.
  package func listen(_ host: String, _ port: Int) -> EventLoopFuture<SocketAddress> {
    listener.open(host, port) {
      $0.childChannelOption(.maxMessagesPerRead, value: 1)
    } serve: {
      try self.serve($0)
    }
  }

  /// Makes a new connection one of this server. Called on the loop.
  package func serve(_ channel: any Channel) throws {
    try channel.pipeline.syncOperations.addHandler(ProxyConnection(server: self))
  }

  /// Stops listening, and closes every connection. Called on the loop.
  package func stop() {
    listener.close()
    for connection in connections.values { connection.close() }
  }

  func opened(_ connection: ProxyConnection) {
    connections[ObjectIdentifier(connection)] = connection
    if connections.count <= limits.connections { return }
    // Tunnels are in use; who has none yet, and has waited longest, makes room.
    let waiting = connections.values.filter { $0.waitingSince != nil }
    waiting.min { $0.waitingSince ?? loop.now < $1.waitingSince ?? loop.now }?.close()
  }

  func closed(_ connection: ProxyConnection) { connections[ObjectIdentifier(connection)] = nil }

  /// Where the tunnel that is asked for goes to.
  func target(of request: ProxyRequest) throws(ProxyRequest.Refusal) -> SocketAddress {
    if let credentials, request.credentials != credentials {
      throw ProxyRequest.Refusal(status: .proxyAuthenticationRequired)
    }
    let target = targets().first { address in
      address.port == request.port && (names.contains(request.host) || address.ipAddress == request.host)
    }
    guard let target else { throw ProxyRequest.Refusal(status: .forbidden) }
    return target
  }
}

#endif
