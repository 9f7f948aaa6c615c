#if Tools

import MoteHubEmulator

/// What `serve` prints when it is ready.
struct ServeGreeting {
  let options: EmulatorOptions
  let ports: Emulator.Ports
  let authorityFile: String
  let deviceAuthorityFile: String
  let connectionString: String
  let pageAddress: String

  init(_ emulator: Emulator, connectionString: String, pageAddress: String) {
    options = emulator.options
    ports = emulator.ports
    authorityFile = emulator.folder.authority
    deviceAuthorityFile = emulator.folder.deviceAuthority
    self.connectionString = connectionString
    self.pageAddress = pageAddress
  }

  var text: String {
    let text = """
      The hub \(options.hostName) listens on \(options.listen).
        MQTT over TLS    port \(ports.mqtt)
        service API      https://\(options.hostName):\(ports.https)
        CA certificate   \(authorityFile)
        CA of devices    \(deviceAuthorityFile)
        a device         \(connectionString)
        web page         \(pageAddress)
      """
    return text + (ports.proxy.map { "\n  proxy            http://\(options.hostName):\($0)" } ?? "")
  }

  var json: JSON {
    [
      "hostName": .string(options.hostName), "listen": .string(options.listen),
      "ports": ports.json,
      "caFile": .string(authorityFile), "deviceCaFile": .string(deviceAuthorityFile),
      "deviceConnectionString": .string(connectionString), "pageAddress": .string(pageAddress),
    ]
  }
}

#endif
