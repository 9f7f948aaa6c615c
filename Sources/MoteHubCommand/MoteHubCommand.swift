#if Tools

import ArgumentParser
import Glibc

/// `mote-hub`
@main struct MoteHubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mote-hub",
    abstract: "An IoT Hub on this machine.",
    discussion: Exit.help,
    subcommands: [
      ServeCommand.self, DeviceCommand.self, MonitorCommand.self, SendCommand.self, InvokeCommand.self,
      TwinCommand.self, FileCommand.self, FaultCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      let text = redacted(fullMessage(for: error))
      if code.isSuccess { try? result(text) } else if !text.isEmpty { complain(text) }
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

#endif
