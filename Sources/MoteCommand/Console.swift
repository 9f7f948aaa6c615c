import Glibc

/// Writes all of `bytes` to a file descriptor. False when that is not possible.
func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var offset = 0
  while offset < bytes.count {
    // Sound: the pointer is used within the call, with the length that is left.
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress.unsafelyUnwrapped + offset, $0.count - offset)
    }
    if count >= 0 {
      offset += count
    } else if errno == EAGAIN {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      unsafe _ = poll(&waiting, 1, -1)
    } else if errno != EINTR {
      return false
    }
  }
  return true
}

/// Says something on standard error.
func complain(_ text: String) { _ = write(Array("mote: \(text)\n".utf8), to: STDERR_FILENO) }

/// Writes results on standard output.
func output(_ text: String) throws(Explanation) {
  guard write(Array(text.utf8), to: STDOUT_FILENO) else {
    throw Explanation(.output, "Standard output cannot be written: \(systemError()).")
  }
}

/// The system's words for its last error.
func systemError() -> String {
  // Sound: the text is copied at once.
  unsafe String(cString: strerror(errno))
}

/// What a user of --verbose sees beside the results.
struct Console {
  let isVerbose: Bool

  /// Tells what happens. Never given a secret.
  func note(_ text: @autoclosure () -> String) {
    if isVerbose { complain(text()) }
  }

  /// Whether somebody looks at standard error.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
