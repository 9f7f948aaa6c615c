#if Tools

import Foundation
package import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// A hub with its listeners, on a thread of its own.
package final class Emulator: Sendable {
  package let options: EmulatorOptions
  package let folder: StateFolder
  /// What makes the folder this one's.
  private let claim: FileHandle
  /// The ports on which it listens.
  package let ports: Ports
  private let group: MultiThreadedEventLoopGroup
  private let parts: NIOLoopBound<Parts>

  package struct Ports: Sendable {
    /// MQTT over TLS.
    package var mqtt = 0
    /// HTTP over TLS: the service's API, the devices', and storage.
    package var https = 0
    /// HTTP without TLS: the web page, and the same API for it.
    package var web = 0
    /// The proxy; nil without.
    package var proxy: Int?
  }

  fileprivate struct Parts {
    let hub: Hub
    let mqtt: MQTTServer
    let https: HTTPServer
    let web: HTTPServer
    let proxy: ProxyServer
  }

  /// Makes what is missing in the folder, and begins to listen.
  package static func start(_ options: EmulatorOptions, log: Logger) async throws -> Emulator {
    let folder = StateFolder(options.folder)
    let claim = try folder.claim()
    let authorities = try Authorities(in: folder, names: options.names)
    let tls = try TLS.context(try authorities.serverCertificate(for: options.names), asksForCertificates: true)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let loop = group.next()
      let parts = try await loop.submit {
        let settings = HubSettings(
          hostName: options.hostName, otherNames: options.names,
          deviceAuthorities: [authorities.device.certificate] + options.deviceAuthorities,
          uploadTimeToLive: TimeInterval(options.uploadTimeToLive))
        let hub = Hub(
          eventLoop: loop, store: try Store(folder: options.folder), settings: settings, log: log)
        hub.start()
        return NIOLoopBound(try Parts(hub, tls: tls, options), eventLoop: loop)
      }.get()
      var ports = Ports()
      ports.mqtt =
        try await loop.flatSubmit { parts.value.mqtt.listen(options.listen, options.mqttPort) }.get().port ?? 0
      ports.https =
        try await loop.flatSubmit { parts.value.https.listen(options.listen, options.httpsPort) }.get().port ?? 0
      // Without TLS the key would be read by others: on this machine only, whatever `listen` is.
      ports.web = try await loop.flatSubmit { parts.value.web.listen("127.0.0.1", options.webPort) }.get().port ?? 0
      if let port = options.proxyPort {
        ports.proxy = try await loop.flatSubmit { parts.value.proxy.listen(options.listen, port) }.get().port
      }
      let emulator = Emulator(options, folder, claim, ports, group, parts)
      try await emulator.leaveFiles()
      return emulator
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private init(
    _ options: EmulatorOptions, _ folder: StateFolder, _ claim: FileHandle, _ ports: Ports,
    _ group: MultiThreadedEventLoopGroup, _ parts: NIOLoopBound<Parts>
  ) {
    self.options = options
    self.folder = folder
    self.claim = claim
    self.ports = ports
    self.group = group
    self.parts = parts
  }

  /// Leaves in the folder what its users look for.
  private func leaveFiles() async throws {
    let key = try await withHub { try $0.serviceKey }
    try folder.write(
      "HostName=\(options.hostName):\(ports.https);SharedAccessKeyName=\(ServicePolicy.name);SharedAccessKey=\(key)\n",
      to: folder.serviceConnectionString, isSecret: true)
    let text = ["hostName": .string(options.hostName), "listen": .string(options.listen), "ports": ports.json] as JSON
    try folder.write(text.text + "\n", to: folder.ports, isSecret: false)
  }

  /// Does something with the hub, on its loop.
  package func withHub<Result: Sendable>(_ work: @escaping @Sendable (Hub) throws -> Result) async throws -> Result {
    try await group.next().submit { [parts] in try work(parts.value.hub) }.get()
  }

  /// Stops listening, and ends every connection.
  package func stop() async throws {
    try await group.next().flatSubmit { [parts] in
      parts.value.hub.stop()
      parts.value.https.stop()
      parts.value.web.stop()
      parts.value.proxy.stop()
      return parts.value.mqtt.stop()
    }.get()
    try await group.shutdownGracefully()
    try claim.close()
  }
}

extension Emulator.Parts {
  fileprivate init(_ hub: Hub, tls: NIOSSLContext, _ options: EmulatorOptions) throws {
    let recordSize = options.recordSize
    let policy = ServicePolicy(key: try hub.serviceKey, hosts: hub.settings.names)
    var router = Router()
    ServiceAPI(hub).addRoutes(to: &router)
    var secureRouter = router
    DeviceAPI(hub).addRoutes(to: &secureRouter)
    StorageAPI(hub).addRoutes(to: &secureRouter)
    self.hub = hub
    mqtt = MQTTServer(hub, tls: tls, recordSize: recordSize)
    https = HTTPServer(
      on: hub.eventLoop, router: secureRouter, sockets: [mqtt.webSocket], names: Set(hub.settings.names),
      secure: { try TLS.secure($0, tls, recordSize: recordSize) }, authorise: policy.authorise)
    Page.addRoutes(to: &router)
    web = HTTPServer(
      on: hub.eventLoop, router: router, names: ["localhost", "127.0.0.1"], authorise: policy.authorise)
    // The page is on this machine only, so the proxy does not lead to it.
    proxy = ProxyServer(
      on: hub.eventLoop, names: hub.settings.names, credentials: options.proxyCredentials,
      log: hub.log
    ) { [mqtt, https] in [mqtt.address, https.address].compactMap(\.self) }
  }
}

extension Emulator.Ports {
  package var json: JSON {
    var object: JSON.Object = [
      "mqtt": .integer(Int64(mqtt)), "https": .integer(Int64(https)), "web": .integer(Int64(web)),
    ]
    if let proxy { object["proxy"] = .integer(Int64(proxy)) }
    return .object(object)
  }
}

/// What an emulator is started with.
package struct EmulatorOptions: Sendable {
  /// The hub's name, which devices have in their connection strings; a name or an IP address.
  package var hostName = "localhost"
  /// The address to listen on.
  package var listen = "127.0.0.1"
  /// Each 0 for any that is free.
  package var mqttPort = 8883
  package var httpsPort = 8443
  package var webPort = 8080
  /// The same of the proxy; nil for none.
  package var proxyPort: Int?
  /// User and password with a colon between, which the proxy wants; nil lets everybody in.
  package var proxyCredentials: String?
  /// Where everything is kept; nil keeps nothing but the authorities, in the user's own folder.
  package var folder: String?
  /// Most bytes of a TLS record that the hub writes.
  package var recordSize: Int?
  /// Authorities of devices besides the hub's own.
  package var deviceAuthorities: [Certificate] = []
  /// For how many seconds a device may put a file into storage once it has asked.
  package var uploadTimeToLive = 3_600

  package init() {}

  /// Every name and address that the hub answers to.
  package var names: [String] {
    let machine = ProcessInfo.processInfo.hostName
    let wanted = [hostName, "localhost", "127.0.0.1", listen, machine]
    return wanted.map { $0.lowercased() }.reduce(into: []) { names, name in
      if !names.contains(name), !["0.0.0.0", "::", ""].contains(name) { names.append(name) }
    }
  }
}

#endif
