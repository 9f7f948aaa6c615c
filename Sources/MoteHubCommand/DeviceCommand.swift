#if Tools

import ArgumentParser
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub device`
struct DeviceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device",
    abstract: "Register devices and modules, look at them, remove them.",
    subcommands: [
      DeviceCreateCommand.self, DeviceListCommand.self, DeviceShowCommand.self, DeviceDeleteCommand.self,
      DeviceDisableCommand.self, DeviceEnableCommand.self,
    ])
}

/// `mote-hub device create`
struct DeviceCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Register a device, or a module of one, and print its connection string.",
    discussion: "Without keys and certificates it gets two new keys.")

  @OptionGroup var address: AddressOptions
  @Option(help: ArgumentHelp("A key, base64 of 16 to 64 bytes.", valueName: "key")) var primaryKey: String?
  @Option(help: ArgumentHelp("Another.", valueName: "key")) var secondaryKey: String?
  @Option(
    name: .customLong("x509-thumbprint"),
    help: ArgumentHelp(
      "It shows a certificate with this SHA-1 or SHA-256 thumbprint; twice: with one of two.", valueName: "digits"))
  var thumbprints: [String] = []
  @Flag(name: .customLong("x509-ca"), help: "It shows a certificate that a CA of the hub has issued to its identifier.")
  var isVouchedFor = false
  @Flag(help: "It cannot connect until it is enabled.") var disabled = false
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func validate() throws {
    let kinds = [primaryKey != nil || secondaryKey != nil, !thumbprints.isEmpty, isVouchedFor].filter(\.self).count
    if kinds > 1 {
      throw ValidationError("A device has keys, thumbprints, or a certificate of a CA: one of the three.")
    }
    if thumbprints.count > 2 { throw ValidationError("There are two thumbprints at most.") }
    if disabled, address.module != nil { throw ValidationError("Modules are enabled as their device is.") }
  }

  func run() async throws {
    try await explained {
      let client = try hub.client()
      let made = try await client.ask(.PUT, address.path(in: "devices"), identity)
      try await output.write(made) { try await connectionString(of: $0, client) }
    }
  }

  private var identity: JSON {
    var authentication: JSON.Object = [:]
    if isVouchedFor {
      authentication["type"] = "certificateAuthority"
    } else if !thumbprints.isEmpty {
      authentication["type"] = "selfSigned"
      authentication["x509Thumbprint"] = [
        "primaryThumbprint": .string(Self.digits(thumbprints[0])),
        "secondaryThumbprint": thumbprints.count > 1 ? .string(Self.digits(thumbprints[1])) : .null,
      ]
    } else {
      authentication["type"] = "sas"
      authentication["symmetricKey"] = [
        "primaryKey": primaryKey.map(JSON.string) ?? .null, "secondaryKey": secondaryKey.map(JSON.string) ?? .null,
      ]
    }
    var identity: JSON.Object = ["deviceId": .string(address.device), "authentication": .object(authentication)]
    identity["moduleId"] = address.module.map(JSON.string)
    if address.module == nil { identity["status"] = disabled ? "disabled" : "enabled" }
    return .object(identity)
  }

  /// OpenSSL prints a thumbprint with a colon between two bytes.
  private static func digits(_ thumbprint: String) -> String { thumbprint.filter { $0 != ":" } }
}

/// `mote-hub device list`
struct DeviceListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Print the devices, one a line: identifier, status, connection, how it authenticates.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let client = try hub.client()
      var devices: [JSON] = []
      while true {
        let after = devices.last?["deviceId"]?.string.map { "?after=\(ServiceClient.part($0))" } ?? ""
        guard let page = try await client.ask(.GET, "/devices" + after).array, !page.isEmpty else { break }
        devices += page
      }
      try await output.write(.array(devices)) { _ in
        devices.map { device in
          let columns = [
            device["deviceId"], device["status"], device["connectionState"], device["authentication"]?["type"],
          ]
          return columns.map { $0?.string ?? "" }.joined(separator: "\t")
        }.joined(separator: "\n")
      }
    }
  }
}

/// `mote-hub device show`
struct DeviceShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print what the registry knows of a device, its modules, and its connection string.")

  @OptionGroup var address: AddressOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let client = try hub.client()
      let identity = try await client.ask(.GET, address.path(in: "devices"))
      try await output.write(identity) { identity in
        var lines: [String] = []
        func add(_ name: String, _ value: JSON?) {
          if let text = value?.string { lines.append(name.padding(to: 20) + printable(text)) }
        }
        add("device", identity["deviceId"])
        add("module", identity["moduleId"])
        add("status", identity["status"])
        add("reason", identity["statusReason"])
        add("connection", identity["connectionState"])
        let activity = identity["lastActivityTime"]
        add("last activity", activity == .string(Timestamp.never) ? "never" : activity)
        add("authentication", identity["authentication"]?["type"])
        add("thumbprint", identity["authentication"]?["x509Thumbprint"]?["primaryThumbprint"])
        add("second thumbprint", identity["authentication"]?["x509Thumbprint"]?["secondaryThumbprint"])
        lines.append("messages waiting".padding(to: 20) + "\(identity["cloudToDeviceMessageCount"]?.integer ?? 0)")
        if address.module == nil {
          for module in try await client.ask(.GET, address.path(in: "devices") + "/modules").array ?? [] {
            add("has module", module["moduleId"])
          }
        }
        add("connection string", .string(try await connectionString(of: identity, client)))
        return lines.joined(separator: "\n")
      }
    }
  }
}

/// `mote-hub device delete`
struct DeviceDeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Remove a device with its modules, or one module; its twin and what waits for it go too.")

  @OptionGroup var address: AddressOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained { try await hub.client().ask(.DELETE, address.path(in: "devices"), ifMatch: "*") }
  }
}

/// `mote-hub device disable`
struct DeviceDisableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "End a device's connection, and let it connect no more.")

  @Argument(help: "The device's identifier.") var device: String
  @Option(help: ArgumentHelp("Why, for whoever looks at it.", valueName: "text")) var reason: String?
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained { try await setStatus("disabled", reason, of: device, hub.client()) }
  }
}

/// `mote-hub device enable`
struct DeviceEnableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let a device connect again.")

  @Argument(help: "The device's identifier.") var device: String
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained { try await setStatus("enabled", nil, of: device, hub.client()) }
  }
}

private func setStatus(_ status: String, _ reason: String?, of device: String, _ client: ServiceClient) async throws {
  let path = "/devices/\(ServiceClient.part(device))"
  guard case .object(var identity) = try await client.ask(.GET, path) else { return }
  identity["status"] = .string(status)
  identity["statusReason"] = reason.map(JSON.string) ?? .null
  try await client.ask(.PUT, path, .object(identity), ifMatch: identity["etag"]?.string)
}

/// What a device connects with.
private func connectionString(of identity: JSON, _ client: ServiceClient) async throws -> String {
  let host = try await client.ask(.GET, "/emulator/status")["hostName"]?.string ?? ""
  let module = identity["moduleId"]?.string.map { ";ModuleId=\($0)" } ?? ""
  let key = identity["authentication"]?["symmetricKey"]?["primaryKey"]?.string
  return "HostName=\(host);DeviceId=\(identity["deviceId"]?.string ?? "")\(module);"
    + (key.map { "SharedAccessKey=\($0)" } ?? "x509=true")
}

#endif
