#if Tools

import ArgumentParser
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub invoke`
struct InvokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Call a method of a device, and print its answer.",
    discussion: #"The answer is printed as {"status":…,"payload":…}; the status is the device's own."#)

  @OptionGroup var address: AddressOptions
  @Argument(help: "The method's name.") var method: String
  @Argument(help: "JSON for the method. Default: none.") var payload: JSONArgument?
  @Option(help: ArgumentHelp("How long to wait for the answer, 5 to 300.", valueName: "seconds")) var timeout = 30
  @Option(help: ArgumentHelp("How long to wait until the device is connected, up to 300.", valueName: "seconds"))
  var connectTimeout = 0
  @OptionGroup var hub: HubOptions

  func validate() throws {
    if !(5...300).contains(timeout) { throw ValidationError("--timeout is from 5 to 300.") }
    if !(0...300).contains(connectTimeout) { throw ValidationError("--connect-timeout is from 0 to 300.") }
  }

  func run() async throws {
    try await explained {
      var call: JSON.Object = [
        "methodName": .string(method), "responseTimeoutInSeconds": .integer(Int64(timeout)),
        "connectTimeoutInSeconds": .integer(Int64(connectTimeout)),
      ]
      call["payload"] = payload?.value
      let answer = try await hub.client().ask(
        .POST, address.path(in: "twins") + "/methods", .object(call), patience: Int64(timeout + connectTimeout + 30))
      try result(answer.text)
    }
  }
}

#endif
