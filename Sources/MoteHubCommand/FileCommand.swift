#if Tools

import ArgumentParser
import Foundation
import MoteHubEmulator
import NIOHTTP1

/// `mote-hub file`
struct FileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "file", abstract: "See and get the files that devices have put into storage.",
    subcommands: [FileListCommand.self, FileGetCommand.self])
}

/// `mote-hub file list`
struct FileListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print the files, one a line: device, bytes, when it was put, name.")

  @Argument(help: ArgumentHelp("This device's only.", valueName: "device")) var device: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let query = device.map { "?device=\(ServiceClient.part($0))" } ?? ""
      let files = try await hub.client().ask(.GET, "/emulator/files" + query)
      try await output.write(files) { files in
        (files.array ?? []).map { file in
          let columns = [
            file["device"]?.string, file["bytes"]?.text, file["lastModified"]?.string, file["name"]?.string,
          ]
          return columns.map { printable($0 ?? "") }.joined(separator: "\t")
        }.joined(separator: "\n")
      }
    }
  }
}

/// `mote-hub file get`
struct FileGetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Get a file of a device, as it was put; on standard output without --output.")

  @Argument(help: "The device.") var device: String
  @Argument(help: "What the device calls it.") var name: String
  @Option(name: .shortAndLong, help: ArgumentHelp("Write it here, when all of it is there.", valueName: "file"))
  var output: String?
  @OptionGroup var hub: HubOptions

  func run() async throws {
    try await explained {
      let path = "/emulator/devices/\(ServiceClient.part(device))/files/\(ServiceClient.part(name))"
      guard let output else {
        return try await hub.client().download(path) { try Self.write($0, to: .standardOutput, "Standard output") }
      }
      let new = output + ".new"
      guard FileManager.default.createFile(atPath: new, contents: nil), let handle = FileHandle(forWritingAtPath: new)
      else { throw Explanation(.output, "\(new) cannot be written.") }
      do {
        try await hub.client().download(path) { try Self.write($0, to: handle, new) }
        try handle.close()
      } catch {
        unsafe unlink(new)
        throw error
      }
      guard unsafe rename(new, output) == 0 else { throw Explanation(.output, "\(output) cannot be written.") }
    }
  }

  private static func write(_ bytes: [UInt8], to handle: FileHandle, _ place: String) throws {
    do {
      try handle.write(contentsOf: bytes)
    } catch {
      throw Explanation(.output, "\(place) cannot be written: \(error).")
    }
  }
}

#endif
