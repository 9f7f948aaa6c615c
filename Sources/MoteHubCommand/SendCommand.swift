#if Tools

import ArgumentParser
import Foundation
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub send`
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Send a message to a device. It waits there until the device takes it, or its time is over.",
    discussion: """
      The message's number is printed. What becomes of it is seen with: mote-hub monitor --kind cloudMessage. A device has \
      at most \(CloudMessage.maximumQueued) messages waiting.
      """)

  @Argument(help: "The device's identifier.") var device: String
  @Argument(help: "The message; - for standard input, which may be of any bytes.") var message: String
  @Option(help: ArgumentHelp("An application property; again for more.", valueName: "name=value")) var property:
    [String] = []
  @Option(
    help: ArgumentHelp(
      "Whether its sender wants to hear what becomes of it: none, positive, negative, full.", valueName: "when"))
  var ack: String?
  @Option(help: ArgumentHelp("Drop it after so long. Default: 3600; at most 172800.", valueName: "seconds")) var expiry:
    Int?
  @Option(help: ArgumentHelp("The message's identifier.", valueName: "id")) var messageId: String?
  @Option(help: ArgumentHelp("The identifier of what it is about.", valueName: "id")) var correlationId: String?
  @Option(help: ArgumentHelp("Who sends it.", valueName: "id")) var userId: String?
  @Option(help: ArgumentHelp("Such as application/json.", valueName: "type")) var contentType: String?
  @Option(help: ArgumentHelp("Such as utf-8.", valueName: "name")) var contentEncoding: String?
  @OptionGroup var hub: HubOptions

  func validate() throws {
    if let ack, CloudMessage.Acknowledgement(rawValue: ack) == nil {
      throw ValidationError("--ack is none, positive, negative or full.")
    }
    if let expiry, !(1...Int(CloudMessage.maximumTimeToLive)).contains(expiry) {
      throw ValidationError("--expiry is from 1 to \(Int(CloudMessage.maximumTimeToLive)).")
    }
    let names = property.map { $0.prefix { $0 != "=" } }
    if Set(names).count < names.count { throw ValidationError("A property is given once.") }
  }

  func run() async throws {
    try await explained {
      var json: JSON.Object = [:]
      if message == "-" {
        json["bodyBase64"] = .string(FileHandle.standardInput.readDataToEndOfFile().base64EncodedString())
      } else {
        json["body"] = .string(message)
      }
      json["ack"] = ack.map(JSON.string)
      json["timeToLive"] = expiry.map { .integer(Int64($0)) }
      json["messageId"] = messageId.map(JSON.string)
      json["correlationId"] = correlationId.map(JSON.string)
      json["userId"] = userId.map(JSON.string)
      json["contentType"] = contentType.map(JSON.string)
      json["contentEncoding"] = contentEncoding.map(JSON.string)
      var properties: JSON.Object = [:]
      for text in property {
        let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        properties[pair[0]] = pair.count > 1 ? .string(pair[1]) : .null
      }
      if !properties.isEmpty { json["properties"] = .object(properties) }
      let path = "/emulator/devices/\(ServiceClient.part(device))/messages"
      let queued = try await hub.client().ask(.POST, path, .object(json))
      try result("\(queued["sequenceNumber"]?.integer ?? 0)")
    }
  }
}

#endif
