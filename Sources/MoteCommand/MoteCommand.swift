#if Tools

import ArgumentParser
import CMote
import Glibc

/// `mote`
@main struct MoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mote",
    abstract: "A device of IoT Hub on the command line.",
    discussion: Exit.help,
    version: "\(MOTE_VERSION_MAJOR).\(MOTE_VERSION_MINOR).\(MOTE_VERSION_PATCH)",
    subcommands: [
      SendCommand.self, ListenCommand.self, TwinCommand.self, ServeCommand.self, UploadCommand.self, SasCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      let text = redacted(fullMessage(for: error))
      if !text.isEmpty { _ = write(Array((text + "\n").utf8), to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
      Glibc.exit(code.rawValue)
    }
  }

  /// Argument-parser repeats an argument that it cannot place: without the key, when it is a connection string.
  static func redacted(_ text: String) -> String {
    let parts = text.split(separator: "SharedAccessKey=", omittingEmptySubsequences: false)
    let rest = parts.dropFirst().map { part in "(hidden)" + part.drop { !"; '\"\n".contains($0) } }
    return ([String(parts.first ?? "")] + rest).joined(separator: "SharedAccessKey=")
  }
}

/// Runs a command, and turns its explanation into words on standard error and an exit code.
func explained(_ work: () throws(Explanation) -> Void) throws {
  do throws(Explanation) {
    try work()
  } catch {
    complain(error.text)
    throw ExitCode(error.exit.rawValue)
  }
}

#endif
