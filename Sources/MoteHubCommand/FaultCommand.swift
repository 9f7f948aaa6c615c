#if Tools

import ArgumentParser
import Foundation
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub fault`
struct FaultCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fault",
    abstract: "Make something go wrong, to see what a device makes of it.",
    discussion: """
        mote-hub fault drop --device dev1          ends its connection now
        mote-hub fault expire-tokens               ends connections that have a token; those tokens are not taken again
        mote-hub fault fail-over --to-port 8884    ends all connections, and listens there from now on
        mote-hub fault refuse --code 3 --count 2   refuses the next two CONNECTs with this code
        mote-hub fault delay --milliseconds 500    what the hub says comes so much later
        mote-hub fault throttle                    answers requests for a twin with 429
        mote-hub fault lose-pubacks                keeps PUBACKs to itself
        mote-hub fault close-mid-packet            ends the connection in the middle of the next packet
        mote-hub fault refuse-upload --status 503  answers what puts a file, or a block of one, with this status
        mote-hub fault close-mid-upload            ends the connection in the middle of a file or a block
        mote-hub fault expire-uploads              tokens given for files until now are not taken any more
        mote-hub fault list                        the faults that stay, with their numbers
        mote-hub fault clear [NUMBER]              removes one, or all

      Without --device a fault meets everybody, and without --count it stays until it is removed.
      """,
    subcommands: [FaultCauseCommand.self, FaultListCommand.self, FaultClearCommand.self],
    defaultSubcommand: FaultCauseCommand.self)
}

/// `mote-hub fault cause`
struct FaultCauseCommand: AsyncParsableCommand {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case drop, refuse, delay, throttle
    case expireTokens = "expire-tokens"
    case failOver = "fail-over"
    case losePubacks = "lose-pubacks"
    case closeMidPacket = "close-mid-packet"
    case refuseUpload = "refuse-upload"
    case closeMidUpload = "close-mid-upload"
    case expireUploads = "expire-uploads"
  }

  static let configuration = CommandConfiguration(commandName: "cause", abstract: "Make something go wrong (default).")

  @Argument(help: "What goes wrong.") var kind: Kind
  @Option(help: ArgumentHelp("Whom it meets. Default: everybody.", valueName: "id")) var device: String?
  @Option(help: ArgumentHelp("One of the device's modules.", valueName: "id")) var module: String?
  @Option(help: ArgumentHelp("How often it happens. Default: until it is removed.", valueName: "number")) var count:
    Int?
  @Option(help: ArgumentHelp("refuse: the code of the CONNACK, 1 to 5.", valueName: "code")) var code: Int?
  @Option(help: ArgumentHelp("refuse-upload: the status, 403, 500 or 503.", valueName: "status")) var status: Int?
  @Option(help: ArgumentHelp("delay: how much later, 1 to 600000.", valueName: "number")) var milliseconds: Int?
  @Option(help: ArgumentHelp("fail-over: the new address. Default: 127.0.0.1.", valueName: "address")) var toHost:
    String?
  @Option(help: ArgumentHelp("fail-over: the new port.", valueName: "port")) var toPort: Int?
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func validate() throws {
    func check(_ name: String, _ isGiven: Bool, _ owner: Kind, isNeeded: Bool = true) throws {
      if isGiven, kind != owner { throw ValidationError("\(name) is for \(owner.rawValue) only.") }
      if !isGiven, kind == owner, isNeeded { throw ValidationError("\(owner.rawValue) needs \(name).") }
    }
    try check("--code", code != nil, .refuse)
    try check("--status", status != nil, .refuseUpload)
    try check("--milliseconds", milliseconds != nil, .delay)
    try check("--to-port", toPort != nil, .failOver)
    try check("--to-host", toHost != nil, .failOver, isNeeded: false)
    if module != nil, device == nil { throw ValidationError("--module needs --device.") }
  }

  func run() async throws {
    try await explained {
      var fault: JSON.Object = ["kind": .string(name)]
      fault["device"] = device.map(JSON.string)
      fault["module"] = module.map(JSON.string)
      fault["count"] = count.map { .integer(Int64($0)) }
      fault["code"] = code.map { .integer(Int64($0)) }
      fault["status"] = status.map { .integer(Int64($0)) }
      fault["milliseconds"] = milliseconds.map { .integer(Int64($0)) }
      fault["host"] = toHost.map(JSON.string)
      fault["port"] = toPort.map { .integer(Int64($0)) }
      let caused = try await hub.client().ask(.POST, "/emulator/faults", .object(fault))
      try await output.write(caused) { fault in
        // One that has happened has no number.
        fault["id"]?.integer.flatMap { $0 > 0 ? "\($0)" : nil } ?? ""
      }
    }
  }

  /// As the API has it: `expireTokens`.
  private var name: String {
    let words = kind.rawValue.split(separator: "-")
    return words[0] + words.dropFirst().map(\.capitalized).joined()
  }
}

/// `mote-hub fault list`
struct FaultListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Print the faults that stay.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let faults = try await hub.client().ask(.GET, "/emulator/faults")
      try await output.write(faults) { faults in (faults.array ?? []).map(\.text).map(printable).joined(separator: "\n")
      }
    }
  }
}

/// `mote-hub fault clear`
struct FaultClearCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "clear", abstract: "Remove a fault, or all of them.")

  @Argument(help: "The fault's number. Default: all.") var number: Int?
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      try await hub.client().ask(.DELETE, "/emulator/faults" + (number.map { "/\($0)" } ?? ""))
    }
  }
}

#endif
