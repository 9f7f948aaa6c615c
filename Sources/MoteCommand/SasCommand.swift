#if Tools

import ArgumentParser
import Glibc

/// `mote sas`
struct SasCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sas",
    abstract: "Print a shared access signature token.",
    discussion: "Whoever has the token is the device until it expires.")

  @OptionGroup var identity: IdentityOptions

  @Option(help: ArgumentHelp("How long the token is good.", valueName: "seconds")) var ttl = 3_600

  func validate() throws {
    if !(1...3_153_600_000 ~= ttl) { throw ValidationError("--ttl is from 1 to 3153600000.") }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      let device = try identity.device()
      try output(try device.token(expiry: UInt64(try wallSeconds()) + UInt64(ttl)) + "\n")
    }
  }

  private func wallSeconds() throws(Explanation) -> Int {
    let seconds = time(nil)
    guard seconds >= earliestSeconds else {
      throw Explanation(.temporary, "This machine's clock is not set, and a token needs the time: set the clock.")
    }
    return seconds
  }
}

#endif
