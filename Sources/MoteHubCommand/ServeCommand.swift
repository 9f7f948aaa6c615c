#if Tools

import ArgumentParser
import Foundation
import Logging
import MoteHubEmulator

/// `mote-hub serve`
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run a hub on this machine, until Ctrl-C.",
    discussion: """
      It makes its certificate authority on first use, prints where that is, and the connection string of a device that can \
      connect at once. Without --data the hub is gone when it stops. What happens is logged on standard error.
      """)

  @Option(
    help: ArgumentHelp("The hub's name, as devices have it: a name or address of this machine.", valueName: "name"))
  var hostName = "localhost"
  @Option(help: ArgumentHelp("The address to listen on.", valueName: "address")) var listen = "127.0.0.1"
  @Option(help: ArgumentHelp("Where MQTT over TLS is spoken; 0 for any that is free.", valueName: "port"))
  var portMqtt: UInt16 = 8883
  @Option(help: ArgumentHelp("Where the service's API is spoken, HTTP over TLS.", valueName: "port"))
  var portHttps: UInt16 = 8443
  @Option(help: ArgumentHelp("Where the web page is, on this machine only, without TLS.", valueName: "port"))
  var portWeb: UInt16 = 8080
  @Option(
    help: ArgumentHelp("Where an HTTP proxy to the hub is, and to nothing else. None without.", valueName: "port"))
  var portProxy: UInt16?
  @Option(help: ArgumentHelp("What the proxy wants of its users (Basic).", valueName: "user:password"))
  var proxyCredentials: String?
  @Option(help: ArgumentHelp("Keep devices, twins, messages and files here; they survive a kill.", valueName: "folder"))
  var data: String?
  @Option(help: ArgumentHelp("Most bytes of a TLS record that the hub writes, 512 to 16384.", valueName: "bytes"))
  var recordSize: Int?
  @Option(help: ArgumentHelp("How long a device may put a file it has asked for, 1 to 86400.", valueName: "seconds"))
  var uploadTtl = 3_600
  @Option(
    name: .customLong("device-ca"),
    help: ArgumentHelp("Authorities of devices, besides the hub's own; a PEM file.", valueName: "file"))
  var deviceAuthorities: [String] = []
  @Option(
    help: ArgumentHelp("The device to print a connection string of; it is registered if it is not.", valueName: "id"))
  var device = "device-1"
  @Option(help: ArgumentHelp("How much is logged: trace, debug, info, notice, warning, error.", valueName: "level"))
  var logLevel = "info"
  @Flag(help: "Print what there is to know as one JSON object.") var json = false

  func validate() throws {
    if let recordSize, !(512...16_384).contains(recordSize) {
      throw ValidationError("--record-size is from 512 to 16384.")
    }
    if !(1...86_400).contains(uploadTtl) { throw ValidationError("--upload-ttl is from 1 to 86400.") }
    guard Logger.Level(rawValue: logLevel) != nil else { throw ValidationError("--log-level is none of its levels.") }
    if let proxyCredentials {
      guard proxyCredentials.contains(":") else { throw ValidationError("--proxy-credentials is USER:PASSWORD.") }
      guard portProxy != nil else { throw ValidationError("--proxy-credentials is for --port-proxy.") }
    }
    guard DeviceAddress.isValid(device) else { throw ValidationError("--device is not an identifier of a device.") }
    if hostName.contains(where: { "/;, ".contains($0) }) || hostName.isEmpty {
      throw ValidationError("--host-name is not a name.")
    }
  }

  func run() async throws {
    raiseFileLimit()
    var log = Logger(label: "mote-hub") { StreamLogHandler.standardError(label: $0) }
    log.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    var options = EmulatorOptions()
    options.hostName = hostName
    options.listen = listen
    options.mqttPort = Int(portMqtt)
    options.httpsPort = Int(portHttps)
    options.webPort = Int(portWeb)
    options.proxyPort = portProxy.map(Int.init)
    options.proxyCredentials = proxyCredentials
    options.folder = data
    options.recordSize = recordSize
    options.uploadTimeToLive = uploadTtl
    options.deviceAuthorities = try deviceAuthorities.map { file in
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw ValidationError("\(file) cannot be read.")
      }
      return Certificate(pem: text)
    }
    let signals = Signals([SIGINT, SIGTERM])
    let emulator: Emulator
    do {
      emulator = try await Emulator.start(options, log: log)
    } catch {
      complain("The hub cannot start: \(error).")
      throw ExitCode(69)
    }
    let address = DeviceAddress(device: device)
    let connectionString = try await emulator.withHub { try $0.connectionString(of: address) }
    let greeting = ServeGreeting(
      emulator, connectionString: connectionString, pageAddress: try await emulator.pageAddress())
    try result(json ? greeting.json.text : greeting.text)
    await signals.first()
    try await emulator.stop()
  }
}

#endif
