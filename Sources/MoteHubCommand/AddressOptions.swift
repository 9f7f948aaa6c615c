#if Tools

import ArgumentParser
import MoteHubEmulator

/// The device, or the module of one, that a command is about.
struct AddressOptions: ParsableArguments {
  @Argument(help: "The device's identifier.") var device: String
  @Option(help: ArgumentHelp("One of its modules.", valueName: "id")) var module: String?

  func validate() throws {
    guard DeviceAddress(device: device, module: module).isValid else {
      throw ValidationError(
        "An identifier has 1 to 128 characters: ASCII letters, digits, and - : . + % _ # * ? ! ( ) , = @ $ '")
    }
  }

  /// `/devices/ID` or `/devices/ID/modules/ID`, with other collections likewise.
  func path(in collection: String) -> String {
    "/\(collection)/\(ServiceClient.part(device))" + (module.map { "/modules/\(ServiceClient.part($0))" } ?? "")
  }
}

/// A JSON value on the command line.
struct JSONArgument: ExpressibleByArgument {
  let value: JSON

  init?(argument: String) {
    guard let value = try? JSON.parse(argument.utf8) else { return nil }
    self.value = value
  }
}

#endif
