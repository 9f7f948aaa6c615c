import Glibc
import MoteBytes

/// Where the messages of a send come from.
enum MessageSource {
  case text(Memory)
  /// Readings of this machine; the memory is that of the latest.
  case board(Memory)
  case lines(LineReader)

  enum Next {
    /// A message, whose bytes stay until the next one is asked for.
    case message(Region)
    /// None for now: ``descriptor`` can be waited for.
    case later
    case end
  }

  /// What gives lines.
  var descriptor: Int32? {
    if case .lines(let reader) = self { reader.descriptor } else { nil }
  }

  /// The next message.
  mutating func next() throws(Explanation) -> Next {
    switch self {
    case .text(let memory): return .message(memory.region)
    case .board:
      let memory = Memory(BoardReading.json.utf8)
      self = .board(memory)
      return .message(memory.region)
    case .lines(let reader): return try MessageSource.line(of: reader)
    }
  }

  /// The next line that is not empty.
  private static func line(of reader: LineReader) throws(Explanation) -> Next {
    while true {
      switch reader.next() {
      case .line(let line):
        if line.count > 0 { return .message(line) }
      case .later: return .later
      case .end: return .end
      case .tooLong:
        throw Explanation(
          .data,
          "Line \(reader.number) is longer than \(LineReader.limit) bytes, the most that a hub takes in a message.")
      case .failed:
        throw Explanation(.input, "The input cannot be read after line \(reader.number): \(systemError()).")
      }
    }
  }
}
