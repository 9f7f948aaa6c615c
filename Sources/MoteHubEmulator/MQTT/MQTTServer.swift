#if Tools

import Logging
package import NIOCore
import NIOPosix
package import NIOSSL
import NIOWebSocket

/// Listens for devices that speak MQTT over TLS.
package final class MQTTServer {
  /// Most bytes that a device may leave unread.
  private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 20, high: 6 << 20)

  private let front: MQTTFront
  private let tls: NIOSSLContext
  private let recordSize: Int?
  private let listener: Listener
  /// Where it listens now.
  var address: SocketAddress? { listener.address }

  /// `recordSize` bounds the bytes of a TLS record that the hub writes, those of the handshake apart.
  package init(_ hub: Hub, tls: NIOSSLContext, recordSize: Int? = nil) {
    front = MQTTFront(hub)
    listener = Listener(on: hub.eventLoop)
    self.tls = tls
    self.recordSize = recordSize
    hub.failOver = { [unowned self] host, port in move(to: host, port) }
  }

  /// Begins to listen; with port 0 on any that is free. Returns where.
  package func listen(_ host: String, _ port: Int) -> EventLoopFuture<SocketAddress> {
    listener.open(host, port) {
      $0.childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
    } serve: {
      try self.addHandlers(to: $0)
    }
  }

  /// Stops listening. Connections go on.
  package func stop() -> EventLoopFuture<Void> { listener.close() }

  private func move(to host: String, _ port: Int) -> EventLoopFuture<Void> {
    let server = NIOLoopBound(self, eventLoop: front.hub.eventLoop)
    return stop().flatMap { server.value.listen(host, port) }.map { address in
      server.value.front.hub.log.notice("failed over", metadata: ["address": "\(address)"])
    }
  }

  private func addHandlers(to channel: any Channel) throws {
    try TLS.secure(channel, tls, recordSize: recordSize)
    try begin(on: channel)
  }

  /// Speaks MQTT over what is open, TLS or what stands on it. Called on the loop.
  @discardableResult
  private func begin(on channel: any Channel) throws -> MQTTConnection {
    let pipeline = channel.pipeline.syncOperations
    let handler = try pipeline.handler(type: NIOSSLServerHandler.self)
    try pipeline.addHandler(ByteToMessageHandler(PacketDecoder()))
    let connection = MQTTConnection(front) { [unowned handler] _ in TLS.certificate(of: handler) }
    try pipeline.addHandler(connection)
    return connection
  }

  /// Where the same is spoken over a WebSocket: with a query or without, which says that no client certificate is wanted.
  package var webSocket: WebSocketRoute {
    WebSocketRoute(path: "/$iothub/websocket", subprotocol: "mqtt") { [unowned self] channel in
      try channel.syncOptions?.setOption(.writeBufferWaterMark, value: Self.waterMark)
      let limit = StrangerLimit(try begin(on: channel)), pipeline = channel.pipeline.syncOperations
      let frames = try pipeline.handler(type: ByteToMessageHandler<WebSocketFrameDecoder>.self)
      try pipeline.addHandler(limit, position: .before(frames))
    }
  }
}

#endif
