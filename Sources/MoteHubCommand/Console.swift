#if Tools

import Foundation

/// Writes a result on standard output, at once.
func result(_ text: String) throws {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
  } catch {
    throw Explanation(.output, "Standard output cannot be written: \(error).")
  }
}

/// Says what is wrong on standard error.
func complain(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("mote-hub: \(text)\n".utf8)) }

#endif
