#if Tools

import ArgumentParser
import Glibc

/// Which device it is.
struct IdentityOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The device's connection string.",
      discussion:
        "Better set MOTE_CONNECTION_STRING instead: every user of a machine sees the arguments of its programs.",
      valueName: "string"))
  var connectionString: String?

  /// The device, from the option or the environment.
  func device() throws(Explanation) -> Device {
    // Sound: the text is copied at once, and nothing here changes the environment.
    let inherited = unsafe getenv("MOTE_CONNECTION_STRING").map { unsafe String(cString: $0) }
    guard let text = connectionString ?? inherited, !text.isEmpty else {
      throw Explanation(
        .usage, "There is no connection string: set MOTE_CONNECTION_STRING, or give --connection-string.")
    }
    return try Device(connectionString: text)
  }
}

#endif
