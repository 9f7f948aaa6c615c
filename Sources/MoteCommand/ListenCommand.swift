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

  @Flag(help: "Print JSON, one object a line.") var json = false

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1.") }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      let settings = try connection.settings(receivesMessages: true)
      var listening = Listening(try Connection(settings), limit: count, isJSON: json)
      try listening.run()
    }
  }
}

#endif
