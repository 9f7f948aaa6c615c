#if Tools

import ArgumentParser
import Glibc
import Mote
import MoteBytes

/// `mote twin`
struct TwinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin",
    abstract: "Read the device's twin, report properties, and watch what is desired.",
    subcommands: [Get.self, Report.self, Watch.self])

  /// `mote twin get`
  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the twin's document: desired and reported properties.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var waiting: WaitingOptions

    func run() throws {
      try explained { () throws(Explanation) in
        var requesting = try waiting.requesting(connection, patch: nil)
        try requesting.run()
      }
    }
  }

  /// `mote twin report`
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report properties, and print their version when the hub has taken them.",
      discussion: """
        The properties are a JSON object that is merged with those reported before: null removes one, and an object is \
        merged likewise. A hub that is too busy is asked again, as it is after a lost connection.
        """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var waiting: WaitingOptions

    @Argument(help: ArgumentHelp("A JSON object, or - for standard input.", valueName: "json")) var properties: String

    func run() throws {
      try explained { () throws(Explanation) in
        let bytes = properties == "-" ? try TwinCommand.input() : Array(properties.utf8)
        // What was given is not repeated: it may be a connection string in the wrong place.
        guard let document = JSONDocument(bytes), document.isObject else {
          throw Explanation(.data, "What is to be reported is no JSON object.")
        }
        var requesting = try waiting.requesting(connection, patch: Memory(bytes))
        try requesting.run()
      }
    }
  }

  /// `mote twin watch`
  struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the twin's document, and desired properties as they change.",
      discussion: """
        Each line is a JSON object: "version", that of the desired properties, and "twin" after each connect, or "desired" \
        with what has changed. No version is left out: where one was missed, the document comes again.
        """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("How many lines, then it ends. Default: no end.", valueName: "number")) var count: Int?

    func validate() throws {
      if let count, count < 1 { throw ValidationError("--count is at least 1.") }
    }

    func run() throws {
      try explained { () throws(Explanation) in
        var settings = try connection.settings()
        settings.twin = Twin.Options()
        var watching = TwinWatching(try Connection(settings), limit: count)
        try watching.run()
      }
    }
  }

  /// How long to wait.
  struct WaitingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for the hub's answer, in seconds.", valueName: "seconds"))
    var timeout: Double = 60

    func validate() throws {
      if !(0.1...86_400 ~= timeout) { throw ValidationError("--timeout is from 0.1 to 86400.") }
    }

    /// A request over a connection of its own.
    func requesting(_ connection: ConnectionOptions, patch: Memory?) throws(Explanation) -> TwinRequesting {
      var settings = try connection.settings()
      let patience = UInt64(timeout * 1_000)
      var options = Twin.Options()
      options.onlyReports = true
      options.patience = UInt32(clamping: patience)
      settings.twin = options
      return TwinRequesting(try Connection(settings), patch: patch, patience: patience)
    }
  }

  /// All of standard input, up to what a twin takes.
  private static func input() throws(Explanation) -> [UInt8] {
    var bytes: [UInt8] = []
    let room = Memory(count: 65_536)
    while true {
      // Sound: reads no more than there is room for.
      let count = unsafe read(STDIN_FILENO, room.region.pointer, room.region.count)
      if count == 0 { return bytes }
      if count < 0 && errno != EINTR { throw Explanation(.input, "Standard input cannot be read: \(systemError()).") }
      bytes += room.region.part(0, max(count, 0)).array
      if bytes.count > 262_144 { throw Explanation(.data, "Standard input has more than any twin takes.") }
    }
  }
}

#endif
