#if Tools

import ArgumentParser
import Foundation
import MoteHubEmulator

/// Which hub a command speaks to.
struct HubOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The service's connection string. Default: MOTE_HUB_CONNECTION_STRING, else what serve has left in its folder.",
      valueName: "string"))
  var connectionString: String?
  @Option(
    help: ArgumentHelp("The folder of serve --data. Default: the one that serve has without it.", valueName: "folder"))
  var data: String?
  @Option(help: ArgumentHelp("The hub's CA certificate, PEM. Default: the one in the folder.", valueName: "file"))
  var caFile: String?

  func client() throws -> ServiceClient {
    let folder = StateFolder(data)
    let text =
      try connectionString ?? ProcessInfo.processInfo.environment["MOTE_HUB_CONNECTION_STRING"] ?? left(in: folder)
    let service = try ServiceConnectionString(text)
    return ServiceClient(service, authorityFile: caFile ?? folder.authority)
  }

  private func left(in folder: StateFolder) throws -> String {
    let file = folder.serviceConnectionString
    guard let text = try? folder.read(file) else {
      throw Explanation(
        .input,
        "No hub has left its connection string in \(file). Start one with: mote-hub serve"
          + (data.map { " --data \($0)" } ?? ""))
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// The connection string of a policy.
struct ServiceConnectionString {
  let host: String
  let port: Int
  let policy: String
  let key: String

  init(_ text: String) throws {
    var fields: [String: String] = [:]
    for item in text.split(separator: ";") {
      let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, fields.updateValue(pair[1], forKey: pair[0].lowercased()) == nil else {
        throw Self.malformed
      }
    }
    guard let hostName = fields["hostname"], let policy = fields["sharedaccesskeyname"],
      let key = fields["sharedaccesskey"],
      Data(base64Encoded: key)?.isEmpty == false
    else { throw Self.malformed }
    // The port stands after the name, as the service's SDKs take it too; an IPv6 address has brackets then.
    let url = URLComponents(string: "https://" + hostName)
    guard let host = url?.host, !host.isEmpty else { throw Self.malformed }
    self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    port = url?.port ?? 443
    self.policy = policy
    self.key = key
  }

  private static let malformed = Explanation(
    .data,
    "The connection string is not of the form HostName=NAME:PORT;SharedAccessKeyName=POLICY;SharedAccessKey=KEY.")
}

#endif
