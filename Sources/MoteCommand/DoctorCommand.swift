#if Tools

import ArgumentParser

/// `mote doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is wrong with a device's way to its hub, and what to do.",
    discussion: """
      Walks the way step by step: clock, name, TCP, TLS, token, CONNECT; and where the hub closes an MQTT connection without \
      a reason, asks over HTTPS for one. It sends no telemetry and takes no message. A hub has room for one connection of a \
      device: a device that is connected while its doctor comes is disconnected, and comes back.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("How long each step may take.", valueName: "seconds")) var timeout: Double = 10

  @Option(help: ArgumentHelp("How long to watch whether the connection stays.", valueName: "seconds"))
  var watch: Double = 5

  @Option(help: ArgumentHelp("Where the same host speaks HTTPS.", valueName: "port")) var httpsPort: UInt16 = 443

  @Flag(help: "Subscribe to cloud-to-device messages too. Those that come are left for the device.")
  var subscribe = false

  @Flag(help: "A JSON object a line; the last is the verdict.") var json = false

  func validate() throws {
    if !(0.1...600 ~= timeout) { throw ValidationError("--timeout is from 0.1 to 600.") }
    if !(0...3_600 ~= watch) { throw ValidationError("--watch is from 0 to 3600.") }
    if httpsPort == 0 { throw ValidationError("--https-port is from 1 to 65535.") }
    if connection.https { throw ValidationError("doctor asks over HTTPS by itself: leave --https out.") }
    if connection.insecure {
      throw ValidationError("doctor verifies the server, and sends no token otherwise: leave --insecure out.")
    }
  }

  func run() throws {
    var exit: Exit?
    try explained { () throws(Explanation) in
      let report = Report(isJSON: json)
      let verdict = try verdict(report)
      try report.tell(verdict)
      exit = verdict.exit
    }
    if let exit { throw ExitCode(exit.rawValue) }
  }

  private func verdict(_ report: Report) throws(Explanation) -> Verdict {
    let settings: ConnectionSettings
    do throws(Explanation) {
      settings = try connection.settings(receivesMessages: subscribe)
    } catch {
      guard error.exit == .data else { throw error }
      try report.tell(.failed, "identity", "the connection string is unusable")
      return Verdict(error)
    }
    var doctor = Doctor(
      settings, report, patience: UInt64(timeout * 1_000), watch: UInt64(watch * 1_000), httpsPort: httpsPort)
    return try doctor.examine()
  }
}

#endif
