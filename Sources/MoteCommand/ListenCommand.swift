#if Tools

import ArgumentParser

/// `mote listen`
struct ListenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Print cloud-to-device messages with their properties.",
    discussion: """
      A message is acknowledged when it has been printed, so that the hub sends again what was not. With --json each is \
      an object on a line of its own: "properties", and "payload" when it is text in UTF-8, else "payloadBase64".
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("How many messages, then it ends. Default: no end.", valueName: "number")) var count: Int?

  @Option(
    help: ArgumentHelp(
      "With --https: seconds from one question for messages to the next. Default, and what a hub wants at least: 1500.",
      valueName: "seconds"))
  var poll: UInt32?

  @Flag(help: "Print JSON, one object a line.") var json = false

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1.") }
    if let poll, !(1...86_400 ~= poll && connection.https) {
      throw ValidationError("--poll is from 1 to 86400, and goes with --https.")
    }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      var settings = try connection.settings(receivesMessages: true)
      if let poll {
        settings.pollSeconds = poll
        if poll < 1_500 { complain("WARNING: --poll: a hub throttles who asks more often than every 1500 s.") }
      }
      var listening = Listening(try Connection(settings), limit: count, isJSON: json)
      try listening.run()
    }
  }
}

#endif
