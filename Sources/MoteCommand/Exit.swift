import Glibc

/// How the command ends, for scripts. The numbers are those of sysexits.h where it has one.
enum Exit: Int32 {
  case usage = 64
  case data = 65
  case input = 66
  case unreachable = 69
  case software = 70
  case output = 74
  case temporary = 75
  case protocolError = 76
  case refused = 77
  case interrupted = 130
  case terminated = 143

  /// What --help says of them.
  static let help = """
    EXIT CODES:
      0    done; for what was to be sent: the hub has acknowledged all of it; for doctor: nothing is wrong
      64   the command line is wrong
      65   the connection string, certificate, key or input is unusable
      66   a file cannot be read
      69   the server cannot be reached: its name, address or port
      70   a bug in mote
      74   the output cannot be written
      75   a failure that may pass, a lost connection among them: try again later
      76   TLS or MQTT failed; an untrusted server certificate counts here
      77   the hub refused the device
      130  ended by Ctrl-C before it was done; 143: by SIGTERM

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

/// Ends the program.
func leave(_ code: Exit) -> Never { exit(code.rawValue) }
