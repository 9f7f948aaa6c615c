import CMote
import Mote
import MoteBytes
import MoteJournal

/// A file that keeps what the hub has not acknowledged, over the end of the program and of the power.
@safe final class OutboxFile {
  /// Twice the outbox, so that half of it is left when all of the outbox was copied.
  private static let pageSize: UInt32 = 2_097_152
  private static let pageCount: UInt32 = 2
  /// The largest payload that it keeps: the journal's packets have 65,535 bytes at most.
  static let longest = 65_000

  let path: String
  private let file: UnsafeMutablePointer<mote_linux_file>
  private let storage: UnsafeMutablePointer<mote_storage>
  private let journal: UnsafeMutablePointer<Journal>

  init(path: String) throws(Explanation) {
    self.path = path
    // Sound: all three are freed in deinit, and whoever uses the journal holds this object.
    unsafe file = .allocate(capacity: 1)
    unsafe storage = .allocate(capacity: 1)
    unsafe journal = .allocate(capacity: 1)
    let status = unsafe path.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe mote_linux_file_open(file, $0.baseAddress, $0.count, OutboxFile.pageSize)
      }
    }
    unsafe storage.initialize(to: mote_storage_linux(file))
    let made = unsafe Journal(
      UnsafePointer(storage), pageSize: OutboxFile.pageSize, pageCount: OutboxFile.pageCount, unit: 1)
    guard let made else { fatalError("a journal with pages of this size is possible") }
    unsafe journal.initialize(to: made)
    switch status ?? MOTE_ERROR_ARGUMENT {
    case MOTE_OK: break
    case MOTE_ERROR_STATE: throw Explanation(.temporary, "'\(path)' is in use by another mote.")
    case let status: throw Explanation(.output, "'\(path)' cannot be opened: \(statusText(status)) \(systemError()).")
    }
  }

  deinit {
    unsafe mote_linux_file_close(file)
    unsafe file.deallocate()
    unsafe storage.deallocate()
    unsafe journal.deinitialize(count: 1)
    unsafe journal.deallocate()
  }

  /// Gives `client` the messages of the file, and keeps there what it sends from now on. How many there were.
  func attach(to client: inout DeviceClient, now: UInt64) throws(Explanation) -> Int {
    do throws(Failure) {
      return try unsafe client.use(journal, now: now)
    } catch {
      var text = "'\(path)' cannot be used as outbox: \(statusText(error.code))"
      if error.code == MOTE_ERROR_JOURNAL { text += " Name another file, or remove it if nobody needs what it holds." }
      throw Explanation(.data, text)
    }
  }
}
