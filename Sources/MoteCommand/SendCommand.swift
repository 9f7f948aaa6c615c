#if Tools

import ArgumentParser
import Glibc

/// `mote send`
struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Send telemetry, at least once each, and wait for all acknowledgements.",
    discussion: """
      Without --payload, --file or -, it sends readings of this machine as JSON. Of a file or standard input (-), each \
      line is a message of up to 262144 bytes; empty lines are passed over. Input is read as it can be sent, so that it \
      may be of any length.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("What to send.", valueName: "text")) var payload: String?

  @Option(
    help: ArgumentHelp("A file whose lines are messages.", valueName: "file"), completion: .file())
  var file: String?

  @Argument(help: ArgumentHelp("- for lines from standard input.", valueName: "-")) var input: String?

  @Option(
    help: ArgumentHelp(
      "A property of each message; can be repeated. System properties have names like $.mid.", valueName: "name=value"))
  var property: [String] = []

  @Option(help: ArgumentHelp("The messages' content type, as application/json.", valueName: "type"))
  var contentType: String?

  @Option(
    help: ArgumentHelp(
      "How many messages at most. Default: all lines; otherwise 1, or with --interval no end.", valueName: "number"))
  var count: Int?

  @Option(help: ArgumentHelp("Seconds from one message to the next.", valueName: "seconds")) var interval: Double?

  @Option(
    help: ArgumentHelp(
      "Keep messages in this file until the hub has them: over a lost connection, the end of mote and of the power. What an"
        + " earlier run has left is sent first. One mote at a time; messages of up to 65000 bytes.", valueName: "file"),
    completion: .file())
  var outbox: String?

  @Option(
    help: ArgumentHelp(
      "With --https: send up to this many lines in one request, as many as have come; the hub takes all of them or none. Default: 1.",
      valueName: "number"))
  var batch: Int?

  func validate() throws {
    // What was given is not repeated: it may be a connection string in the wrong place.
    if let input, input != "-" {
      throw ValidationError("The only argument that is no option is -, for standard input.")
    }
    if [payload, file, input].count(where: { $0 != nil }) > 1 {
      throw ValidationError("--payload, --file and - exclude each other.")
    }
    if let batch {
      guard 1...1_000 ~= batch else { throw ValidationError("--batch is from 1 to 1000.") }
      guard connection.https else { throw ValidationError("--batch goes with --https.") }
      guard file != nil || input != nil else { throw ValidationError("--batch goes with --file or -.") }
      if outbox != nil { throw ValidationError("--batch and --outbox exclude each other: no file keeps a batch.") }
      if interval != nil { throw ValidationError("--batch and --interval exclude each other.") }
    }
    if let count, count < 1 { throw ValidationError("--count is at least 1.") }
    if let interval, !(0.001...86_400 ~= interval) { throw ValidationError("--interval is from 0.001 to 86400.") }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      let properties = try properties()
      var settings = try connection.settings()
      settings.outbox = outbox
      let source = try source()
      let limit = count ?? (source.descriptor == nil && interval == nil ? 1 : nil)
      let interval = UInt64((interval ?? 0) * 1_000)
      let batch = batch.map { LineBatch($0, properties) }
      var sending = Sending(
        try Connection(settings), properties, source, limit: limit, interval: interval, batch: batch)
      try sending.run()
    }
  }

  private func source() throws(Explanation) -> MessageSource {
    if let payload { return .text(Memory(payload.utf8)) }
    if input != nil || file == "-" { return .lines(LineReader(descriptor: STDIN_FILENO)) }
    guard let file else { return .board(Memory(count: 0)) }
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Explanation(.input, "'\(file)' cannot be read: \(systemError()).") }
    return .lines(LineReader(descriptor: descriptor))
  }

  private func properties() throws(Explanation) -> MessageProperties {
    var properties = MessageProperties()
    for text in property where !properties.append(text) {
      throw Explanation(.usage, "--property is NAME=VALUE, and a name is not empty.")
    }
    let isReading = payload == nil && file == nil && input == nil
    let type = contentType ?? (isReading && !properties.contains("$.ct") ? "application/json" : nil)
    if let type { properties.append("$.ct", type) }
    // A hub looks into bodies whose encoding it is told; JSON is always in UTF-8 (RFC 8259).
    if type == "application/json" && !properties.contains("$.ce") { properties.append("$.ce", "utf-8") }
    return properties
  }
}

#endif
