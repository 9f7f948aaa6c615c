public import MoteBytes

/// One token of a document.
public struct JSONToken {
  /// What a token is. The order says which ones have more to come: those up to ``name`` do.
  public enum Kind: UInt8, Sendable {
    case beginObject = 1
    case beginArray
    /// A member's name; its value follows.
    case name
    case string
    case number
    case `true`
    case `false`
    case null
    case endObject
    case endArray
  }

  public let kind: Kind
  /// False for a piece of a text that does not fit the reader's buffer, when more of it follows.
  public let isComplete: Bool
  /// How many objects and arrays are open around the token. A beginning and its end have the same.
  public let depth: UInt8
  /// How many bytes of the same text came before, in earlier pieces.
  public let offset: Int
  /// A name's or string's text in UTF-8 with escapes decoded, or a number as it stands in the document; empty for the
  /// others. A part of the reader's buffer, which holds it until the reader's next call. No piece ends within a character.
  public let text: Region

  package init(kind: Kind, isComplete: Bool, depth: UInt8, offset: Int, text: Region) {
    self.kind = kind
    self.isComplete = isComplete
    self.depth = depth
    self.offset = offset
    self.text = text
  }

  /// Whether the text is all here.
  public var isWhole: Bool { isComplete && offset == 0 }

  /// Whether the text is `other`, all of it.
  public func equals(_ other: Span<UInt8>) -> Bool { isWhole && text.bytes.equals(other) }

  /// Whether the text is that of a literal, all of it.
  public func equals(_ literal: StaticString) -> Bool { equals(literal.bytes) }
}
