#if Tools

package import Foundation

/// The folder where a hub leaves what its users need: the CA's certificate, the service's connection string, the ports.
package struct StateFolder: Sendable {
  package let path: String

  /// The folder given, or one that the system has for such things and that belongs to this user.
  package init(_ path: String?) {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
    self.path = path ?? (environment["XDG_RUNTIME_DIR"] ?? cache) + "/mote-hub"
  }

  /// Makes the folder if it is not there, for its owner alone.
  private func make() throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// Another process has the folder.
  package struct InUse: Error, CustomStringConvertible {
    let path: String
    package var description: String { "another hub uses \(path); --data names another folder" }
  }

  /// Takes the folder for this process, until the file handle is closed or the process has ended, however that is. Throws
  /// `InUse` while another has it: each would overwrite what the other leaves.
  package func claim() throws -> FileHandle {
    try make()
    let descriptor = unsafe open(file("lock"), O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file("lock")]) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw InUse(path: path) }
    return handle
  }

  package func file(_ name: String) -> String { path + "/" + name }

  /// The CA that server certificates come from: what clients trust.
  package var authority: String { file("ca.pem") }
  /// The CA of devices: what the hub trusts.
  package var deviceAuthority: String { file("device-ca.pem") }
  package var serviceConnectionString: String { file("service-connection-string") }
  /// Where the hub listens, as JSON.
  package var ports: String { file("hub.json") }

  /// The text of a file; nil when there is none.
  package func read(_ file: String) throws -> String? {
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
  }

  /// Replaces a file at once. A secret one is for its owner's eyes, from its first byte.
  package func write(_ text: String, to file: String, isSecret: Bool) throws {
    let new = file + ".new"
    try? FileManager.default.removeItem(atPath: new)
    let mode = isSecret ? 0o600 : 0o644
    guard
      FileManager.default.createFile(
        atPath: new, contents: Data(text.utf8), attributes: [.posixPermissions: mode]),
      unsafe rename(new, file) == 0
    else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file]) }
  }
}

#endif
