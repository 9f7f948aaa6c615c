#if Tools

import Foundation
import Logging
import NIOCore

/// One device's connection over MQTT, from its first byte to its close (protocol.md 4 and 5). What a device may not do
/// closes it, without a word, as the service does.
final class MQTTConnection: ChannelInboundHandler {
  typealias InboundIn = ClientPacket
  typealias OutboundOut = ByteBuffer

  /// Longest time without a packet, whatever keep-alive says: 29.45 minutes.
  static let longestSilence = TimeAmount.seconds(1_767)

  let front: MQTTFront
  var hub: Hub { front.hub }
  /// The certificate that the TLS handshake brought.
  let certificate: (ChannelHandlerContext) -> DeviceCertificate?

  var context: ChannelHandlerContext?
  /// Set from CONNECT on.
  var identity: DeviceAddress?
  var isPersistent = false
  var session = MQTTSession()
  var will: PublishPacket?
  var token: String?
  private var silenceTimer: Scheduled<Void>?
  var tokenTimer: Scheduled<Void>?
  private var silenceLimit = MQTTConnection.longestSilence
  private var lastPacket = NIODeadline.distantPast
  /// With the fault `delay`, until when what was said before is on its way: order stays.
  var delayedUntil = NIODeadline.uptimeNanoseconds(0)

  init(_ front: MQTTFront, certificate: @escaping (ChannelHandlerContext) -> DeviceCertificate?) {
    self.front = front
    self.certificate = certificate
  }

  // MARK: The channel's life

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    front.opened(self)
    silenceTimer = schedule(in: MQTTFront.patience) { $0.close("no CONNECT in time") }
  }

  func handlerRemoved(context: ChannelHandlerContext) { ended("the connection was lost") }

  func channelInactive(context: ChannelHandlerContext) {
    ended("the connection was lost")
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close((error as? ProtocolViolation)?.reason ?? "\(error)")
  }

  /// A device that does not read what it asked for is not waited for: what it has not taken would grow without an end.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if !context.channel.isWritable { close("it does not read") }
    context.fireChannelWritabilityChanged()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What came with the packet that closed the connection.
    guard self.context != nil else { return }
    lastPacket = context.eventLoop.now
    do {
      try take(unwrapInboundIn(data))
    } catch let error as ProtocolViolation {
      close(error.reason)
    } catch {
      hub.log.error("a packet could not be handled", metadata: ["error": "\(error)"])
      close("the hub failed")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    context.fireChannelReadComplete()
  }

  // MARK: Packets

  private func take(_ packet: ClientPacket) throws {
    if case .connect(let connect) = packet {
      try self.connect(connect)
      return
    }
    guard let identity else { return }
    switch packet {
    case .connect: break
    case .publish(let publish): try received(publish, from: identity)
    case .acknowledgement(let id):
      if let message = session.acknowledge(id) { try hub.complete(message, of: identity) }
    case .subscribe(let id, let subscriptions): try subscribe(id, subscriptions, identity)
    case .unsubscribe(let id, let filters):
      for filter in filters.compactMap({ DeviceFilter($0, of: identity) }) { session.unsubscribe(filter) }
      write(.unsubscribeAcknowledgement(id))
    case .ping: write(.pong)
    case .disconnect:
      will = nil
      close("it said goodbye")
    }
  }

  private func subscribe(_ id: UInt16, _ subscriptions: [Subscription], _ identity: DeviceAddress) throws {
    var granted: [UInt8] = []
    for subscription in subscriptions {
      guard let filter = DeviceFilter(subscription.filter, of: identity) else {
        throw ProtocolViolation("a subscription that is not documented: \(subscription.filter.forLog)")
      }
      granted.append(try session.subscribe(filter, quality: subscription.quality))
    }
    write(.subscribeAcknowledgement(id, granted))
    messagesWait()
    hub.methodsAreTaken(by: self)
  }

  // MARK: Writing

  func write(_ packet: ServerPacket) {
    guard let context, let channel = self.context?.channel else { return }
    var bytes = channel.allocator.buffer(capacity: 64)
    bytes.write(packet)
    if let identity, hub.faults.take(identity, .closeMidPacket) {
      context.writeAndFlush(
        wrapOutboundOut(bytes.getSlice(at: 0, length: bytes.readableBytes / 2) ?? bytes), promise: nil)
      close("a fault: close in mid-packet")
      return
    }
    let now = context.eventLoop.now
    let delay = identity.flatMap { hub.faults.take($0, \.milliseconds) } ?? 0
    let due = max(delayedUntil, now + .milliseconds(Int64(delay)))
    guard due > now else {
      context.write(wrapOutboundOut(bytes), promise: nil)
      return
    }
    delayedUntil = due
    schedule(in: due - now) { connection in
      guard let context = connection.context else { return }
      context.writeAndFlush(connection.wrapOutboundOut(bytes), promise: nil)
    }
  }

  func flush() { context?.flush() }

  // MARK: The end

  /// Ends the connection; what was written before leaves first.
  func close(_ reason: String) {
    guard let context else { return }
    ended(reason)
    context.close(promise: nil)
  }

  private func ended(_ reason: String) {
    guard context != nil else { return }
    context = nil
    silenceTimer?.cancel()
    tokenTimer?.cancel()
    front.spoke(self)
    guard let identity else {
      hub.log.debug("a connection without an identity has ended", metadata: ["reason": "\(reason)"])
      return
    }
    hub.release(session.deliveries.lazy.map(\.message))
    if isPersistent { front.sessions[identity] = session }
    if let will { publish(will: will, from: identity) }
    hub.detach(self, reason: reason)
  }

  // MARK: Time

  /// Calls `work` unless the connection has ended by then.
  @discardableResult
  func schedule(in delay: TimeAmount, _ work: @escaping (MQTTConnection) -> Void) -> Scheduled<Void>? {
    context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      if let self, context != nil { work(self) }
    }
  }

  /// Watches that the device says something in one and a half times its keep-alive.
  func watch(keepAlive seconds: UInt16) {
    let limit = TimeAmount.milliseconds(Int64(seconds) * 1_500)
    silenceLimit = seconds == 0 ? Self.longestSilence : min(limit, Self.longestSilence)
    silenceTimer?.cancel()
    watchSilence()
  }

  private func watchSilence() {
    guard let now = context?.eventLoop.now else { return }
    let left = lastPacket + silenceLimit - now
    if left <= .nanoseconds(0) { return close("nothing came in one and a half times its keep-alive") }
    silenceTimer = schedule(in: left) { $0.watchSilence() }
  }
}

extension Fault.Kind {
  fileprivate var milliseconds: Int? { if case .delay(let milliseconds) = self { milliseconds } else { nil } }
}

#endif
