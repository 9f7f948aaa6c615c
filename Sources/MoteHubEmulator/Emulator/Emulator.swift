#if Tools

import Foundation
package import Logging
import NIOCore
import NIOPosix

/// A hub with its listeners, on a thread of its own.
package final class Emulator: Sendable {
  package let options: EmulatorOptions
  package let folder: StateFolder
  /// The port on which it listens for MQTT.
  package let mqttPort: Int
  private let group: MultiThreadedEventLoopGroup
  private let parts: NIOLoopBound<Parts>

  private struct Parts {
    let hub: Hub
    let mqtt: MQTTServer
  }

  /// Makes what is missing in the folder, and begins to listen.
  package static func start(_ options: EmulatorOptions, log: Logger) async throws -> Emulator {
    let folder = StateFolder(options.folder)
    try folder.make()
    let authorities = try Authorities(in: folder, names: options.names)
    let tls = try TLS.context(try authorities.serverCertificate(for: options.names), asksForCertificates: true)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let loop = group.next()
      let parts = try await loop.submit {
        let settings = HubSettings(
          hostName: options.hostName, otherNames: options.names,
          deviceAuthorities: [authorities.device.certificate] + options.deviceAuthorities)
        let hub = Hub(
          eventLoop: loop, store: try Store(folder: options.folder), settings: settings, log: log)
        hub.start()
        return NIOLoopBound(
          Parts(hub: hub, mqtt: MQTTServer(hub, tls: tls, recordSize: options.recordSize)), eventLoop: loop)
      }.get()
      let address = try await loop.flatSubmit { parts.value.mqtt.listen(options.listen, options.mqttPort) }.get()
      let emulator = Emulator(options, folder, address.port ?? 0, group, parts)
      try await emulator.leaveFiles()
      return emulator
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private init(
    _ options: EmulatorOptions, _ folder: StateFolder, _ mqttPort: Int, _ group: MultiThreadedEventLoopGroup,
    _ parts: NIOLoopBound<Parts>
  ) {
    self.options = options
    self.folder = folder
    self.mqttPort = mqttPort
    self.group = group
    self.parts = parts
  }

  /// Leaves in the folder what its users look for.
  private func leaveFiles() async throws {
    let key = try await withHub { try $0.serviceKey }
    try folder.write(
      "HostName=\(options.hostName);SharedAccessKeyName=iothubowner;SharedAccessKey=\(key)\n",
      to: folder.serviceConnectionString, isSecret: true)
    let ports: JSON = [
      "hostName": .string(options.hostName), "listen": .string(options.listen),
      "ports": ["mqtt": .integer(Int64(mqttPort))],
    ]
    try folder.write(ports.text + "\n", to: folder.ports, isSecret: false)
  }

  /// Does something with the hub, on its loop.
  package func withHub<Result: Sendable>(_ work: @escaping @Sendable (Hub) throws -> Result) async throws -> Result {
    try await group.next().submit { [parts] in try work(parts.value.hub) }.get()
  }

  /// Stops listening, and ends every connection.
  package func stop() async throws {
    try await group.next().flatSubmit { [parts] in
      parts.value.hub.stop()
      return parts.value.mqtt.stop()
    }.get()
    try await group.shutdownGracefully()
  }
}

/// What an emulator is started with.
package struct EmulatorOptions: Sendable {
  /// The hub's name, which devices have in their connection strings; a name or an IP address.
  package var hostName = "localhost"
  /// The address to listen on.
  package var listen = "127.0.0.1"
  /// 0 for any that is free.
  package var mqttPort = 8883
  /// Where everything is kept; nil keeps nothing but the authorities, in the user's own folder.
  package var folder: String?
  /// Most bytes of a TLS record that the hub writes.
  package var recordSize: Int?
  /// Authorities of devices besides the hub's own.
  package var deviceAuthorities: [Certificate] = []

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
