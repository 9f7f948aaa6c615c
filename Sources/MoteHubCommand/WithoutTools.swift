#if !Tools

import Glibc

/// Stands in for the command line when the package is built without its trait `Tools`, which brings what it needs.
@main struct WithoutTools {
  static func main() {
    let text = Array("mote-hub was built without what it needs. Build it with: swift build --traits Tools\n".utf8)
    // Sound: the pointer is used within the call, with the array's own size.
    _ = unsafe text.withUnsafeBufferPointer { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(64)
  }
}

#endif
