import CMote
import Glibc
import Mote

/// The file that an upload reads: one with offsets, or one that is read to its end.
final class UploadFile {
  let descriptor: Int32
  /// In bytes; nil when it is seen at its end only.
  let length: UInt64?
  /// Whether there was nothing to read yet.
  private(set) var isWaiting = false

  /// Opens it; `-` for standard input.
  init(path: String) throws(Explanation) {
    descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
      throw Explanation(.input, "'\(path)' cannot be read: \(systemError()).")
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      throw Explanation(.input, "'\(path)' is a folder. Upload its files, or an archive of them.")
    }
    // Where standard input stands is where it begins, which a length from its start would not say.
    length = kind == S_IFREG && path != "-" ? UInt64(status.st_size) : nil
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// What reads it. Not to be used longer than this object.
  var source: UploadSource {
    // Sound: the context is this object, and the room is used within the call, with its length.
    unsafe UploadSource(
      { (context, offset, room, capacity) in
        let file = unsafe Unmanaged<UploadFile>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
        return unsafe file.read(offset, room, capacity)
      }, context: Unmanaged.passUnretained(self).toOpaque())
  }

  private func read(_ offset: UInt64, _ room: UnsafeMutablePointer<UInt8>?, _ capacity: Int) -> Int32 {
    isWaiting = false
    while true {
      var count = 0
      if length != nil {
        count = unsafe pread(descriptor, room, capacity, Int(offset))
        // It has become shorter.
        if count == 0 { return MOTE_ERROR_STATE }
      } else {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        isWaiting = unsafe poll(&waiting, 1, 0) == 0
        if isWaiting { return 0 }
        count = unsafe Glibc.read(descriptor, room, capacity)
        if count == 0 { return MOTE_UPLOAD_END }
      }
      if count > 0 { return Int32(count) }
      if errno != EINTR { return MOTE_ERROR_ARGUMENT }
    }
  }
}
