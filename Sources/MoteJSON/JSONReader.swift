public import MoteBytes

/// Reads a document that comes in pieces, cut anywhere, and checks all of it (RFC 8259).
///
/// Give it a piece with ``feed(_:isLast:)`` and take tokens with ``next()`` until there is none; then give it the next. The
/// tokens are the same however the document was cut. A text that does not fit the buffer comes in pieces too. Members are
/// told as they stand: of two with one name, both.
public struct JSONReader {
  /// Most objects and arrays that can be open at a time.
  public static var deepest: Int { 32 }

  /// What may come between two tokens, as bits. Which error it is follows from the lowest.
  struct Expectation: Equatable {
    let bits: UInt8
    /// Nothing: the document has ended.
    static var nothing: Self { Self(bits: 0) }
    static var value: Self { Self(bits: 1) }
    static var name: Self { Self(bits: 2) }
    static var valueOrName: Self { Self(bits: 3) }
    static var colon: Self { Self(bits: 4) }
    static var comma: Self { Self(bits: 8) }
    /// The end of what is open: never alone.
    static var end: Self { Self(bits: 16) }
    static var valueOrEnd: Self { Self(bits: 17) }
    static var nameOrEnd: Self { Self(bits: 18) }
    static var commaOrEnd: Self { Self(bits: 24) }

    /// Whether one of them is expected.
    func allows(_ other: Self) -> Bool { bits & other.bits != 0 }
  }

  /// What a byte did, as bits.
  struct Step {
    let bits: UInt8
    /// Nothing, but that another rule applies to it now, or that it broke one.
    static var none: Self { Self(bits: 0) }
    /// It was read.
    static var taken: Self { Self(bits: 1) }
    /// It has no room in the buffer, which has to be told first.
    static var full: Self { Self(bits: 2) }
    /// It does not belong to the token, which is complete.
    static var ended: Self { Self(bits: 6) }
    /// It was the last of the token, which is complete.
    static var done: Self { Self(bits: 7) }

    var isTaken: Bool { bits & 1 != 0 }
    var isToldOf: Bool { bits & 2 != 0 }
    var isComplete: Bool { bits & 4 != 0 }
  }

  /// Where a byte belongs.
  enum Place: UInt8 {
    case between
    case literal
    case number
    case string
    /// Behind a backslash.
    case escape
    /// Behind `\u`.
    case hexadecimal
  }

  private var input = Region.empty
  private var isLast = false
  private var position = 0
  /// Bytes in the pieces before this one.
  private var before = 0

  /// Where text goes.
  let buffer: Region
  /// Bytes of text in the buffer, and those of the same text that were told before.
  var held = 0
  private var told = 0

  private let limit: UInt8
  private var depth: UInt8 = 0
  /// What is open, innermost in the lowest bit: 1 for an object.
  private var nesting: UInt32 = 0
  private var expectation = Expectation.value

  var place = Place.between
  private var kind = JSONToken.Kind.null
  var numberPart = NumberPart.start
  var character = UTF8Decoder()
  /// The letters that a literal still lacks, the next one lowest; or the digits of an escape, and, before them, those of
  /// the first half of a surrogate pair that waits for the second.
  var bits: UInt32 = 0
  /// Digits that an escape still lacks.
  var digits: UInt8 = 0

  /// No depth: nothing to pass over.
  private static var nowhere: UInt8 { 255 }
  /// The depth of the value that the last token belongs to and that has not ended.
  private var open: UInt8 = 0
  /// The depth of the value that is passed over.
  private var skipped = nowhere
  private var failure = Failure(0)

  /// A reader of one document, whose names, strings and numbers are told in `buffer`, piece by piece where they are longer.
  /// The buffer is borrowed for the reader's life. Nil when it has less than 4 bytes, the longest character, or when
  /// `depthLimit`, the most objects and arrays that may be open at a time, is not between 0 and ``deepest``.
  public init?(buffer: Region, depthLimit: Int = deepest) {
    guard buffer.count >= 4, depthLimit >= 0, depthLimit <= JSONReader.deepest else { return nil }
    self.buffer = buffer
    limit = UInt8(truncatingIfNeeded: depthLimit)
  }

  /// How many bytes of the document were read. After an error, the offset of the byte that broke the rule.
  public var offset: Int { before.saturatingSum(position) }

  /// Gives the next piece, which may be empty, and is borrowed until ``next()`` has no token. `isLast`: the document ends
  /// with it. Throws ``MoteBytes/Failure/state``, and changes nothing, when the piece before has not been read, or was the last.
  public mutating func feed(_ piece: Region, isLast: Bool) throws(Failure) {
    guard position == input.count && !self.isLast else { throw .state }
    before = offset
    position = 0
    input = piece
    self.isLast = isLast
  }

  /// The next token, or nil when it is not there yet; behind the last piece, when the document has ended. An error stays: there
  /// is nothing more to read.
  public mutating func next() throws(Failure) -> JSONToken? {
    while failure.code == 0 {
      var step = Step.ended
      if position < input.count {
        step = take(input[position])
      } else if !isLast || (place == .between && expectation == .nothing) {
        return nil
      } else if place != .number || !numberPart.isLast {
        failure = .jsonCut
        break
      }
      if step.isTaken { position &+= 1 }
      if step.isToldOf, let token = deliver(isComplete: step.isComplete) { return token }
    }
    throw failure
  }

  /// Passes over what the last token began and did not end: behind a name, the member's value; behind a beginning, all up to
  /// its end; behind a piece of a text, the rest; before the first token, the whole document. Otherwise nothing. What is
  /// passed over is checked, and not told, its end neither.
  public mutating func skip() { skipped = open }

  /// Whether the innermost of what is open is an object.
  private var isInObject: Bool { nesting & 1 != 0 }

  private mutating func take(_ byte: UInt8) -> Step {
    switch place {
    case .between: return takeBetween(byte)
    case .literal:
      guard byte == UInt8(truncatingIfNeeded: bits) else { return fail(.jsonLiteral) }
      bits &>>= 8
      return bits == 0 ? .done : .taken
    case .number: return takeNumber(byte)
    default: return takeText(byte)
    }
  }

  /// A byte between two tokens, or the first of one.
  private mutating func takeBetween(_ byte: UInt8) -> Step {
    var allowed = Expectation.value
    var step = Step.taken
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .taken
    case UInt8(ascii: ","): allowed = .comma
    case UInt8(ascii: ":"): allowed = .colon
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      allowed = isInObject == (byte == UInt8(ascii: "}")) ? .end : .nothing
    case UInt8(ascii: "\""): allowed = .valueOrName
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      break
    default: allowed = .nothing
    }
    guard expectation.allows(allowed) else {
      // Value, name, colon, comma, or none of them, which is the end.
      return fail(Failure(Failure.jsonValue.code &- Int32((expectation.bits | 16).trailingZeroBitCount)))
    }
    switch byte {
    case UInt8(ascii: ","): expectation = isInObject ? .name : .value
    case UInt8(ascii: ":"): expectation = .value
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      kind = isInObject ? .endObject : .endArray
      depth &-= 1
      nesting &>>= 1
      step = .done
    case UInt8(ascii: "\""):
      kind = expectation.allows(.name) ? .name : .string
      place = .string
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < limit else { return fail(.jsonDepth) }
      depth &+= 1
      nesting = nesting &<< 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
      kind = isInObject ? .beginObject : .beginArray
      step = .done
    case UInt8(ascii: "t"): beginLiteral(.true, 0x65_7572)
    case UInt8(ascii: "f"): beginLiteral(.false, 0x6573_6C61)
    case UInt8(ascii: "n"): beginLiteral(.null, 0x6C_6C75)
    default:
      kind = .number
      place = .number
      numberPart = .start
      step = .none
    }
    return step
  }

  /// Begins a literal whose other letters are in `bits`, the next one lowest.
  private mutating func beginLiteral(_ kind: JSONToken.Kind, _ bits: UInt32) {
    self.kind = kind
    self.bits = bits
    place = .literal
  }

  /// The token that is being read, with the text that the buffer holds; nil when it is passed over.
  private mutating func deliver(isComplete: Bool) -> JSONToken? {
    let isBeginning = kind.rawValue <= JSONToken.Kind.beginArray.rawValue
    let depth = isBeginning ? self.depth &- 1 : self.depth
    let token = JSONToken(
      kind: kind, isComplete: isComplete, depth: depth, offset: told, text: buffer.part(0, held))
    told = isComplete ? 0 : told.saturatingSum(held)
    held = 0
    let isEnd = isComplete && kind.rawValue > JSONToken.Kind.name.rawValue
    if isComplete {
      place = .between
      if isBeginning {
        expectation = isInObject ? .nameOrEnd : .valueOrEnd
      } else if isEnd {
        expectation = self.depth == 0 ? .nothing : .commaOrEnd
      } else {
        expectation = .colon
      }
    }
    if skipped != JSONReader.nowhere {
      if isEnd && depth == skipped { skipped = JSONReader.nowhere }
      return nil
    }
    open = isEnd ? JSONReader.nowhere : depth
    return token
  }

  /// Ends reading at this byte.
  mutating func fail(_ failure: Failure) -> Step {
    self.failure = failure
    return .none
  }
}
