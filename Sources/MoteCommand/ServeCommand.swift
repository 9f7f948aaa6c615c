#if Tools

import ArgumentParser

/// `mote serve`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer direct methods with what commands say.",
    discussion: """
      A method's command runs in the shell with the call's payload on standard input and its names in MOTE_METHOD and \
      MOTE_COMPONENT; what it writes on standard output, JSON or nothing, is the response. Its status is 200 when the \
      command ends with 0, else 500; 504 when it takes too long, 404 for a method without a command, and 503 for a call \
      beyond --calls. Each answer is a JSON object on a line of its own.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(
    help: ArgumentHelp(
      "A method and its command; can be repeated. A component's is COMPONENT*NAME.", valueName: "name=command"))
  var method: [String] = []

  @Flag(help: "Answer methods that have no command with their own payload.") var echo = false

  @Option(help: ArgumentHelp("How long a command may take, in seconds.", valueName: "seconds")) var timeout: Double = 30

  @Option(help: ArgumentHelp("How many calls may be pending at once.", valueName: "number")) var calls = 8

  @Option(help: ArgumentHelp("How many calls, then it ends. Default: no end.", valueName: "number")) var count: Int?

  func validate() throws {
    if method.isEmpty && !echo { throw ValidationError("Give --method NAME=COMMAND, or --echo.") }
    if !(0.1...86_400 ~= timeout) { throw ValidationError("--timeout is from 0.1 to 86400.") }
    if !(1...255 ~= calls) { throw ValidationError("--calls is from 1 to 255.") }
    if let count, count < 1 { throw ValidationError("--count is at least 1.") }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      var commands: [String: String] = [:]
      for text in method {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw Explanation(.usage, "--method is NAME=COMMAND.")
        }
        guard commands.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
          throw Explanation(.usage, "--method names a method twice.")
        }
      }
      var settings = try connection.settings()
      settings.calls = calls
      var serving = Serving(
        try Connection(settings), commands, echoes: echo, limit: count, patience: UInt64(timeout * 1_000))
      try serving.run()
    }
  }
}

#endif
