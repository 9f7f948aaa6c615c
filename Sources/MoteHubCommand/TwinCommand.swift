#if Tools

import ArgumentParser
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub twin`
struct TwinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin", abstract: "Look at a device's twin, or change its desired properties and tags.",
    subcommands: [TwinShowCommand.self, TwinUpdateCommand.self])
}

/// `mote-hub twin show`
struct TwinShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a twin: tags, desired and reported properties. With --json all that the hub has of it.")

  @OptionGroup var address: AddressOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let twin = try await hub.client().ask(.GET, address.path(in: "twins"))
      try await output.write(twin, twinText)
    }
  }
}

/// `mote-hub twin update`
struct TwinUpdateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Change desired properties, tags, or both at once, and print the twin.",
    discussion: """
      Members are merged into what there is; null removes one, an array is replaced whole. A connected device is told of \
      changed desired properties.
      """)

  @OptionGroup var address: AddressOptions
  @Option(help: ArgumentHelp("Desired properties.", valueName: "json")) var desired: JSONArgument?
  @Option(help: ArgumentHelp("Tags, which the device does not see.", valueName: "json")) var tags: JSONArgument?
  @Flag(help: "Replace the whole section, and do not merge.") var replace = false
  @Option(help: ArgumentHelp("Only if the twin has this ETag.", valueName: "etag")) var ifMatch: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func validate() throws {
    if desired == nil, tags == nil {
      throw ValidationError("There is nothing to change: give --desired, --tags or both.")
    }
  }

  func run() async throws {
    try await explained {
      var change: JSON.Object = [:]
      change["tags"] = tags?.value
      change["properties"] = desired.map { ["desired": $0.value] }
      let twin = try await hub.client().ask(
        replace ? .PUT : .PATCH, address.path(in: "twins"), .object(change), ifMatch: ifMatch)
      try await output.write(twin, twinText)
    }
  }
}

/// The twin as people want to see it: without metadata.
private func twinText(_ twin: JSON) -> String {
  func section(_ value: JSON?) -> JSON {
    var object = value?.object ?? [:]
    object["$metadata"] = nil
    return .object(object)
  }
  let shown: JSON = [
    "tags": section(twin["tags"]), "desired": section(twin["properties"]?["desired"]),
    "reported": section(twin["properties"]?["reported"]),
  ]
  // Line by line: the line feeds are ours, and all else is a device's.
  return shown.indented.split(separator: "\n").map { printable(String($0)) }.joined(separator: "\n")
}

#endif
