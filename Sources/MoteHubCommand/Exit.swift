#if Tools

import ArgumentParser

/// How a command ends, for scripts. The numbers are those of sysexits.h where it has one, and the same as `mote`'s.
enum Exit: Int32 {
  case usage = 64
  case data = 65
  case input = 66
  case unreachable = 69
  case output = 74
  case temporary = 75
  case protocolError = 76
  case refused = 77

  /// What --help says of them.
  static let help = """
    EXIT CODES:
      0    done
      64   the command line is wrong
      65   the connection string, certificate or input is unusable
      66   a file cannot be read; no hub has left its connection string
      69   no hub answers, or a port is taken
      74   the output cannot be written
      75   a failure that may pass: the hub is busy, or a device did not answer in time
      76   TLS or HTTP failed; an untrusted server certificate counts here
      77   the hub refused: the key is wrong, the device is unknown or not connected, a limit was met; its words say which
      130  ended by Ctrl-C

    Standard output has results only; all else goes to standard error.
    """
}

/// Why a command cannot go on, in words for its user, and how it ends.
struct Explanation: Error {
  let text: String
  let exit: Exit

  init(_ exit: Exit, _ text: String) {
    self.exit = exit
    self.text = text
  }
}

/// Runs a command, and turns its explanation into words on standard error and an exit code.
func explained(_ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let explanation as Explanation {
    complain(explanation.text)
    throw ExitCode(explanation.exit.rawValue)
  }
}

#endif
