#if Tools

import Foundation

/// The bytes of blocks, each in a file of a folder. The files' names say nothing: whatever a blob is called, no path is made of
/// it. What nobody has a name of is removed when a hub starts.
final class BlockFiles {
  private let folder: String
  private let isTemporary: Bool
  /// A large blob that is replaced has thousands of files, for whose end nobody waits.
  private let removal = DispatchQueue(label: "mote-hub.removal")

  /// Without a folder they are in one of their own, which goes with the hub.
  init(folder: String?) {
    isTemporary = folder == nil
    self.folder = folder ?? NSTemporaryDirectory() + "mote-hub-\(UUID().uuidString)"
  }

  /// Makes a file, for its owner alone.
  func make() throws -> (name: String, handle: FileHandle) {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let name = UUID().uuidString
    let descriptor = unsafe open(path(name), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path(name)]) }
    return (name, FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
  }

  func reader(of name: String) throws -> FileHandle { try FileHandle(forReadingFrom: URL(filePath: path(name))) }

  func remove(_ names: some Sequence<String>) {
    let paths = names.map(path)
    removal.async { for path in paths { unsafe unlink(path) } }
  }

  /// Removes what has none of these names.
  func keep(_ names: Set<String>) {
    remove(((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !names.contains($0) })
  }

  /// The hub goes.
  func close() {
    removal.sync {}
    if isTemporary { try? FileManager.default.removeItem(atPath: folder) }
  }

  private func path(_ name: String) -> String { folder + "/" + name }
}

#endif
