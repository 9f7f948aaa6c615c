import MoteBytes
import MoteJSON
import MoteTestSupport

/// A token, with its pieces put together.
enum Told: Equatable, CustomStringConvertible {
  case token(JSONToken.Kind, depth: Int, text: [UInt8])
  /// The document is broken here.
  case failure(Failure, offset: Int)
  /// It has ended.
  case end

  var description: String {
    switch self {
    case .token(let kind, let depth, let text):
      "\(kind)@\(depth)\(text.isEmpty ? "" : "<\(String(decoding: text, as: UTF8.self))>")"
    case .failure(let failure, let offset): "failure \(failure.code) at \(offset)"
    case .end: "end"
    }
  }
}

/// What a reader tells of a document that comes in `pieces`. Each piece is gone when the next one comes. The tokens are not
/// put together again when `whole` is false.
func read(_ pieces: [[UInt8]], buffer: Int = 64, depthLimit: Int = 32) -> [Told] {
  let room = Memory(buffer)
  var reader = JSONReader(buffer: room.region, depthLimit: depthLimit)
  var told: [Told] = []
  var text: [UInt8] = []
  for (place, piece) in pieces.enumerated() {
    let memory = Memory(piece)
    do throws(Failure) {
      try reader.feed(memory.region, isLast: place == pieces.count - 1)
      while let token = try reader.next() {
        precondition(token.offset == text.count, "a piece of a text is missing")
        text += (0..<token.text.count).map { token.text[$0] }
        precondition(String(validating: text, as: UTF8.self) != nil, "a piece ends within a character")
        guard token.isComplete else { continue }
        told.append(.token(token.kind, depth: Int(token.depth), text: text))
        text = []
      }
    } catch {
      return told + [.failure(error, offset: reader.offset)]
    }
  }
  return told + [.end]
}

/// What a reader tells of a document in one piece.
func read(_ text: String, buffer: Int = 64, depthLimit: Int = 32) -> [Told] {
  read([Array(text.utf8)], buffer: buffer, depthLimit: depthLimit)
}
