#if Tools

package import Foundation
package import Logging
package import NIOCore

/// The hub: identities, twins and queues in the store, connections of devices, calls on their way, and the events of it
/// all. What speaks a protocol translates it to calls of this class, and knows of nobody else.
///
/// All of it belongs to one event loop, and is used there alone.
package final class Hub {
  package let eventLoop: any EventLoop
  package let store: Store
  package let settings: HubSettings
  package let log: Logger
  package let events = EventStream()
  package let faults = Faults()
  /// Moves a listener for the fault `failOver`; set by the one who listens.
  package var failOver: ((_ host: String, _ port: Int) -> EventLoopFuture<Void>)?

  /// Forgets what is kept of an identity that is deleted; set by the one who keeps it.
  var forget: ((DeviceAddress) -> Void)?
  var links: [DeviceAddress: any DeviceLink] = [:]
  var activities: [DeviceAddress: Activity] = [:]
  var calls = PendingCalls()
  /// Messages that a connection has and has not acknowledged, by their sequence numbers.
  var locked: Set<Int64> = []
  /// Tokens that the fault `expireTokens` has ended, by whose they were.
  var expiredTokens: [DeviceAddress: String] = [:]
  /// Up to which end tokens for files are ended by the fault `expireUploads`, by whose they are; nil is everybody.
  var expiredUploads: [String?: Date] = [:]
  private var sweep: Scheduled<Void>?

  package init(eventLoop: any EventLoop, store: Store, settings: HubSettings, log: Logger) {
    self.eventLoop = eventLoop
    self.store = store
    self.settings = settings
    self.log = log
  }

  /// Begins to drop messages whose time is over.
  package func start() {
    sweep = eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
      self?.expire()
      self?.start()
    }
  }

  /// Ends every connection.
  package func stop() {
    sweep?.cancel()
    for link in Array(links.values) { link.close("the hub stops") }
    calls.failAll(HubError(503, 503_001, "ServiceUnavailable", "The hub stops."))
    store.files.close()
  }

  /// When something was last heard of an identity.
  package struct Activity: Sendable {
    package var connectionStateUpdatedTime: Date
    package var lastActivityTime: Date
  }

  package func activity(of address: DeviceAddress) -> Activity? { activities[address] }

  package func isConnected(_ address: DeviceAddress) -> Bool { links[address] != nil }

  /// How many devices are connected, modules apart.
  package var connectedDevices: Int { links.keys.reduce(0) { $0 + ($1.module == nil ? 1 : 0) } }

  /// Takes a connection of an identity that has proved itself. One that it has already is ended.
  package func attach(_ link: any DeviceLink) {
    let address = link.address
    links[address]?.close("another connection of the same identity")
    links[address] = link
    activities[address] = Activity(connectionStateUpdatedTime: .now, lastActivityTime: .now)
    log.info("connected", metadata: ["device": "\(address)"])
    events.publish(.connected(protocol: link.protocolName), of: address)
  }

  /// Forgets a connection that has ended.
  package func detach(_ link: any DeviceLink, reason: String) {
    let address = link.address
    guard links[address] === link else { return }
    links[address] = nil
    activities[address]?.connectionStateUpdatedTime = .now
    calls.fail(
      of: address, HubError(404, 404_104, "DeviceConnectionClosedRemotely", "\(address) went away before it answered."))
    log.info("disconnected", metadata: ["device": "\(address)", "reason": "\(reason)"])
    events.publish(.disconnected(reason: reason), of: address)
  }

  /// Takes a message of a device.
  package func receive(_ message: Telemetry, from address: DeviceAddress) {
    activities[address]?.lastActivityTime = .now
    events.publish(.telemetry(message), of: address)
  }
}

/// What a hub is told at its start.
package struct HubSettings: Sendable {
  /// The name that devices have in their connection strings.
  package var hostName: String
  /// Other names and addresses by which it may be called.
  package var otherNames: [String]
  /// Who vouches for certificates of devices that are registered as `certificateAuthority`.
  package var deviceAuthorities: [Certificate]
  /// How long a device may put a file into storage once it has asked.
  package var uploadTimeToLive: TimeInterval

  package init(
    hostName: String, otherNames: [String] = [], deviceAuthorities: [Certificate] = [],
    uploadTimeToLive: TimeInterval = 3_600
  ) {
    self.hostName = hostName
    self.otherNames = otherNames
    self.deviceAuthorities = deviceAuthorities
    self.uploadTimeToLive = uploadTimeToLive
  }

  /// All names, its own first, without repetition.
  package var names: [String] {
    ([hostName] + otherNames).reduce(into: []) { if !$0.contains($1.lowercased()) { $0.append($1.lowercased()) } }
  }
}

#endif
