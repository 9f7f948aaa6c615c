#if Tools

import Foundation

/// Writes a result on standard output, at once.
func output(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) }

/// Says what is wrong on standard error.
func complain(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("mote-hub: \(text)\n".utf8)) }

#endif
