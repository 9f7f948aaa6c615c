public import MoteBytes

/// Reads a document that comes in pieces, cut anywhere, and checks all of it (RFC 8259).
///
/// Give it a piece with ``feed(_:isLast:)`` and take tokens with ``next()`` until there is none; then give it the next. The
/// tokens are the same however the document was cut. A text that does not fit the buffer comes in pieces too. Members are
/// told as they stand: of two with one name, both.
public struct JSONReader {
  /// Most objects and arrays that can be open at a time.
  public static var deepest: Int { 32 }
  /// Longest character in bytes, for which a buffer always has room.
  static var longestCharacter: Int { 4 }

  /// What may come between two tokens, as bits. Which error it is follows from the lowest.
  struct Expectation: Equatable {
    let bits: UInt8
    /// Nothing: the document has ended.
    static var nothing: Self { Self(bits: 0) }
    static var value: Self { Self(bits: 1) }
    static var name: Self { Self(bits: 2) }
    static var colon: Self { Self(bits: 4) }
    static var comma: Self { Self(bits: 8) }
    /// The end of what is open: never alone.
    static var end: Self { Self(bits: 16) }
    static var commaOrEnd: Self { Self(bits: 24) }

    /// Whether one of them is expected.
    func allows(_ other: Self) -> Bool { bits & other.bits != 0 }
  }

  /// What a byte did, as bits.
  struct Step {
    let bits: UInt8
    /// Nothing: another rule applies to it now, or it broke one.
    static var none: Self { Self(bits: 0) }
    /// It was read.
    static var taken: Self { Self(bits: 1) }
    /// It was read, and is one more of the text.
    static var kept: Self { Self(bits: 3) }
    /// It is the first behind its token.
    static var ended: Self { Self(bits: 4) }
    /// It was the last of its token.
    static var done: Self { Self(bits: 5) }
  }

  /// Where the next byte belongs.
  struct Place: Equatable {
    let bits: UInt8
    static var between: Self { Self(bits: 0) }
    static var literal: Self { Self(bits: 1) }
    static var string: Self { Self(bits: 2) }
    /// Behind a backslash.
    static var escape: Self { Self(bits: 3) }
    /// Behind `\u`.
    static var hexadecimal: Self { Self(bits: 4) }
    /// In a number, at its first digit.
    static var number: Self { Self(bits: 8) }
  }

  // Bytes first: what lies near the front takes shorter instructions.
  var place = Place.between
  private var kind = JSONToken.Kind.null
  private var expectation = Expectation.value
  /// Digits that an escape still lacks.
  var digits: UInt8 = 0
  private var isLast = false
  private let limit: UInt8
  private var depth: UInt8 = 0
  /// No depth: nothing to pass over.
  private static var nowhere: UInt8 { 255 }
  /// The depth of the value that the last token belongs to and that has not ended.
  private var open: UInt8 = 0
  /// The depth of the value that is passed over.
  private var skipped = nowhere
  private var failure = Failure(0)
  var character = UTF8Decoder()
  /// The letters that a literal still lacks, the next one lowest; or the digits of an escape, and, before them, those of
  /// the first half of a surrogate pair that waits for the second.
  var bits: UInt32 = 0
  /// What is open, innermost in the lowest bit: 1 for an object.
  private var nesting: UInt32 = 0

  private var input = Region.empty
  private var position = 0
  /// Bytes in the pieces before this one.
  private var before = 0
  /// The text that is being read, as far as it is in the buffer, and how much of it was told before.
  var text: Writer
  private var told = 0

  /// A reader of one document, whose names, strings and numbers are told in `buffer`: whole when they are at least 4 bytes
  /// shorter, else in pieces. The buffer has 4 bytes or more, and is borrowed for the reader's life. `depthLimit`, 0 to
  /// ``deepest``, is the most objects and arrays that may be open at a time.
  public init(buffer: Region, depthLimit: Int = deepest) {
    precondition(buffer.count >= JSONReader.longestCharacter && depthLimit >= 0 && depthLimit <= JSONReader.deepest)
    text = Writer(buffer)
    limit = UInt8(truncatingIfNeeded: depthLimit)
  }

  /// How many bytes of the document were read. After an error, the offset of the byte that broke the rule.
  public var offset: Int { before &+ position }

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
      let isFull = text.count > text.region.count &- JSONReader.longestCharacter && character.more == 0
      if !isFull {
        if position < input.count {
          var byte = input[position]
          step = take(&byte)
          if step.bits & 2 != 0 { text.append(byte) }
          position &+= Int(step.bits & 1)
        } else if !isLast || (place == .between && expectation == .nothing) {
          return nil
        } else if !place.endsNumber {
          failure = .jsonCut
          break
        }
      }
      if step.bits & 4 != 0, let token = tell(isComplete: !isFull) { return token }
    }
    throw failure
  }

  /// Passes over what the last token began and did not end: behind a name, the member's value; behind a beginning, all up to
  /// its end; behind a piece of a text, the rest; before the first token, the whole document. Otherwise nothing. What is
  /// passed over is checked, and not told, its end neither.
  public mutating func skip() { skipped = open }

  /// Takes a byte, which becomes the one that it stands for in the text.
  private mutating func take(_ byte: inout UInt8) -> Step {
    if place == .between { return takeBetween(byte) }
    if place.isInNumber { return takeNumber(byte) }
    guard place == .literal else { return takeText(&byte) }
    guard byte == UInt8(truncatingIfNeeded: bits) else { return fail(.jsonLiteral) }
    bits &>>= 8
    return bits == 0 ? .done : .taken
  }

  /// A byte between two tokens, or the first of one.
  private mutating func takeBetween(_ byte: UInt8) -> Step {
    if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
      || byte == UInt8(ascii: "\t")
    {
      return .taken
    }
    // 1 within an object, whose brackets are 0x20 above those of an array.
    let object = UInt8(truncatingIfNeeded: nesting & 1)
    if byte == UInt8(ascii: ",") {
      guard expectation.allows(.comma) else { return failUnexpected() }
      // A value, or a name.
      expectation = Expectation(bits: Expectation.value.bits &+ object)
      return .taken
    }
    if byte == UInt8(ascii: ":") {
      guard expectation.allows(.colon) else { return failUnexpected() }
      expectation = .value
      return .taken
    }
    if byte == UInt8(ascii: "]") &+ object &* 0x20 {
      guard expectation.allows(.end) else { return failUnexpected() }
      kind = object == 0 ? .endArray : .endObject
      depth &-= 1
      nesting &>>= 1
      expectation = afterValue
      return .done
    }
    if byte == UInt8(ascii: "\"") && expectation.allows(.name) {
      kind = .name
      place = .string
      expectation = .colon
      return .taken
    }
    guard expectation.allows(.value) else { return failUnexpected() }
    expectation = afterValue
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < limit else { return fail(.jsonDepth) }
      let object = byte &>> 5 & 1
      nesting = nesting &<< 1 | UInt32(object)
      kind = object == 0 ? .beginArray : .beginObject
      expectation = Expectation(bits: Expectation.value.bits &+ object | Expectation.end.bits)
      return .done
    case UInt8(ascii: "\""):
      kind = .string
      place = .string
      return .taken
    case UInt8(ascii: "t"): return beginLiteral(.true, 0x65_7572)
    case UInt8(ascii: "f"): return beginLiteral(.false, 0x6573_6C61)
    case UInt8(ascii: "n"): return beginLiteral(.null, 0x6C_6C75)
    default:
      kind = .number
      place = .number
      if byte == UInt8(ascii: "-") { return .kept }
      return byte &- UInt8(ascii: "0") < 10 ? .none : fail(.jsonValue)
    }
  }

  /// What may come behind a value.
  private var afterValue: Expectation { depth == 0 ? .nothing : .commaOrEnd }

  /// Begins a literal whose other letters are in `bits`, the next one lowest.
  private mutating func beginLiteral(_ kind: JSONToken.Kind, _ bits: UInt32) -> Step {
    self.kind = kind
    self.bits = bits
    place = .literal
    return .taken
  }

  /// The token that is being read, with the text that the buffer holds; nil when it is passed over.
  private mutating func tell(isComplete: Bool) -> JSONToken? {
    let depth = self.depth
    let token = JSONToken(kind: kind, isComplete: isComplete, depth: depth, offset: told, text: text.written)
    told = isComplete ? 0 : told.saturatingSum(text.count)
    text.rewind(to: 0)
    if isComplete { place = .between }
    if kind.rawValue <= JSONToken.Kind.beginArray.rawValue { self.depth &+= 1 }
    let isEnd = isComplete && kind.rawValue > JSONToken.Kind.name.rawValue
    if skipped != JSONReader.nowhere {
      if isEnd && depth == skipped { skipped = JSONReader.nowhere }
      return nil
    }
    open = isEnd ? JSONReader.nowhere : depth
    return token
  }

  /// Ends reading at this byte.
  @inline(never) mutating func fail(_ failure: Failure) -> Step {
    self.failure = failure
    return .none
  }

  /// Ends reading at a byte that is none of those that may be here.
  @inline(never) private mutating func failUnexpected() -> Step {
    // Value, name, colon, comma, or none of them, which is the end.
    fail(Failure(Failure.jsonValue.code &- Int32((expectation.bits | 16).trailingZeroBitCount)))
  }
}
