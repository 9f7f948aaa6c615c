#if Tools

import ArgumentParser
import MoteHubEmulator

/// `mote-hub monitor`
struct MonitorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract:
      "Print what happens at the hub as it happens: telemetry with its properties, connections, twins, methods, files.",
    discussion: """
      With --json each event is an object on a line of its own; "sequence" counts all events of the hub. A reader that is \
      too slow misses events, and is told how many.
      """)

  @Option(help: ArgumentHelp("This device's events only.", valueName: "id")) var device: String?
  @Option(help: ArgumentHelp("This module's events only.", valueName: "id")) var module: String?
  @Option(help: ArgumentHelp("How many events, then it ends. Default: no end.", valueName: "number")) var count: Int?
  @Option(help: ArgumentHelp("Events of this kind only, such as telemetry; again for more.", valueName: "kind"))
  var kind: [String] = []
  @Flag(help: "Print JSON, one object a line.") var json = false
  @OptionGroup var hub: HubOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1.") }
    if module != nil, device == nil { throw ValidationError("--module needs --device.") }
    if let unknown = kind.first(where: { !Self.kinds.contains($0) }) {
      throw ValidationError(
        "'\(printable(unknown))' is no kind of event; there are: \(Self.kinds.joined(separator: ", ")).")
    }
  }

  func run() async throws {
    try await explained {
      var left = count ?? .max
      try await hub.client().events(device: device, module: module) { event in
        let name = event["kind"]?.string ?? ""
        // What was missed is always told.
        if !kind.isEmpty, !kind.contains(name), name != "missed" { return true }
        try result(json ? event.text : EventText(event).text)
        if name != "missed" { left -= 1 }
        return left > 0
      }
    }
  }

  private static let kinds = [
    "telemetry", "connected", "disconnected", "cloudMessage", "method", "twin", "identity", "upload",
  ]
}

#endif
