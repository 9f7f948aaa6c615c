#if Tools

import ArgumentParser

/// `mote-hub`
@main struct MoteHubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mote-hub",
    abstract: "An IoT Hub on this machine.",
    subcommands: [ServeCommand.self])
}

#endif
