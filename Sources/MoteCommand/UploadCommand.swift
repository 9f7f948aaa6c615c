#if Tools

import ArgumentParser
import Glibc
import MoteBytes
import MoteHub

/// `mote upload`
struct UploadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload",
    abstract: "Put a file into the hub's storage account, whatever its size.",
    discussion: """
      It asks the hub where to, puts the file there over HTTPS (port 443), and tells the hub. A file of more than a block goes in \
      blocks: after a lost connection it goes on with the block that failed. Of standard input (-), or of what is no plain file, the \
      length is not known before its end. Ctrl-C tells the hub that the file does not come; a second one does not wait for that.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: ArgumentHelp("What to upload; - for standard input.", valueName: "file"), completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "What the hub is to call it, as logs/today.log. Default: the file's own name.", valueName: "name"))
  var blob: String?

  @Option(help: ArgumentHelp("The file's content type, as text/plain.", valueName: "type")) var contentType: String?

  @Option(
    help: ArgumentHelp(
      "Bytes of a block, from 65536 to 104857600. A file that is no longer goes as one.", valueName: "bytes"))
  var blockSize = 4 * 1024 * 1024

  @Option(help: ArgumentHelp("How often in a row something may fail before it is given up.", valueName: "number"))
  var attempts = 10

  func validate() throws {
    if file == "-" && blob == nil { throw ValidationError("Standard input has no name: give --blob.") }
    if !(65_536...104_857_600 ~= blockSize) { throw ValidationError("--block-size is from 65536 to 104857600.") }
    if !(1...255 ~= attempts) { throw ValidationError("--attempts is from 1 to 255.") }
    // The hub's limit, and what stands in a header.
    if let blob, !(1...1_024 ~= blob.utf8.count) { throw ValidationError("--blob has 1 to 1024 bytes.") }
    if let contentType, !contentType.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) || contentType.utf8.count > 255 {
      throw ValidationError("--content-type is printable ASCII of at most 255 characters.")
    }
  }

  func run() throws {
    try explained { () throws(Explanation) in
      let settings = try connection.settings(overHTTPS: true)
      guard settings.device.identity.module.count == 0 else {
        throw Explanation(.data, "The connection string has a ModuleId: modules cannot upload files.")
      }
      let source = try UploadFile(path: file)
      let name = blob ?? file.split(separator: "/").last.map(String.init) ?? file
      let uploading = try Uploading(
        settings, source, name: name, type: contentType ?? "", blockSize: UInt32(blockSize), attempts: UInt8(attempts))
      try uploading.run()
    }
  }
}

#endif
