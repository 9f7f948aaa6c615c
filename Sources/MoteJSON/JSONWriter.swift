public import MoteBytes

/// Writes one document into a region: commas, colons and escapes by itself.
///
/// Errors are sticky: the first misuse is what ``finish()`` throws. What does not fit is counted, so that the room that all of
/// it needs is known in the end.
public struct JSONWriter {
  private var writer: Writer
  private var depth: UInt8 = 0
  /// What is open, innermost in the lowest bit: 1 for an object. Outermost is what acts like an array of one value.
  private var nesting: UInt32 = 0
  /// Whether nothing stands in the innermost of what is open.
  private var isFirst = true
  /// Whether a name waits for its value.
  private var isNamed = false
  private var failure = Failure(0)

  /// A writer into `region`, which is borrowed until the document is finished.
  public init(_ region: Region) { writer = Writer(region) }

  /// How many bytes the document takes so far; more than the region has when it does not fit.
  public var count: Int { writer.count }

  /// The document, which is complete. Throws ``MoteBytes/Failure/jsonOrder`` when it is not, or was not written in order;
  /// ``MoteBytes/Failure/jsonText``, ``MoteBytes/Failure/jsonDepth``; ``MoteBytes/Failure/bufferTooSmall`` when ``count`` says
  /// how large the region has to be.
  public mutating func finish() throws(Failure) -> Region {
    guard failure.code == 0 else { throw failure }
    guard depth == 0 && !isFirst else { throw .jsonOrder }
    guard writer.fits else { throw .bufferTooSmall }
    return writer.written
  }

  /// Begins an object, up to ``end()``.
  public mutating func beginObject() { begin(UInt8(ascii: "{"), 1) }

  /// Begins an array, up to ``end()``.
  public mutating func beginArray() { begin(UInt8(ascii: "["), 0) }

  @inline(never) private mutating func begin(_ bracket: UInt8, _ bit: UInt32) {
    separate(isName: false)
    writer.append(bracket)
    guard depth < JSONReader.deepest else { return fail(.jsonDepth) }
    depth &+= 1
    nesting = nesting &<< 1 | bit
    isFirst = true
  }

  /// Ends the innermost object or array.
  @inline(never) public mutating func end() {
    guard depth > 0 && !isNamed else { return fail(.jsonOrder) }
    writer.append(nesting & 1 == 0 ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    depth &-= 1
    nesting &>>= 1
    isFirst = false
  }

  /// Writes a member's name; its value is next. UTF-8 without U+0000.
  @inline(never) public mutating func name(_ text: Span<UInt8>) {
    separate(isName: true)
    append(text)
    writer.append(UInt8(ascii: ":"))
  }

  /// Writes a string. UTF-8 without U+0000.
  @inline(never) public mutating func string(_ text: Span<UInt8>) {
    separate(isName: false)
    append(text)
  }

  /// Writes an integer.
  public mutating func integer(_ value: Int64) { fixedPoint(value, decimals: 0) }

  /// Writes `value` divided by ten to the power of `decimals` (0 to 18): 2150 with two is `21.50`.
  @inline(never) public mutating func fixedPoint(_ value: Int64, decimals: Int) {
    separate(isName: false)
    guard decimals >= 0 && decimals <= 18 else { return fail(.argument) }
    if value < 0 { writer.append(UInt8(ascii: "-")) }
    writer.appendDecimal(value.magnitude, decimals: decimals)
  }

  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  /// Writes `null`.
  public mutating func null() { literal("null") }

  private mutating func literal(_ literal: StaticString) { raw(literal.bytes) }

  /// Writes `bytes` as they are, which are one value in JSON: nothing checks that.
  public mutating func raw(_ bytes: Span<UInt8>) {
    separate(isName: false)
    writer.append(bytes)
  }

  /// Writes what stands before a name or value, which may stand here.
  @inline(never) private mutating func separate(isName: Bool) {
    if isNamed && !isName {
      isNamed = false
      return
    }
    guard isName == (nesting & 1 != 0) && !isNamed && (isFirst || depth > 0) else { return fail(.jsonOrder) }
    if !isFirst { writer.append(UInt8(ascii: ",")) }
    isFirst = false
    isNamed = isName
  }

  @inline(never) private mutating func append(_ text: Span<UInt8>) {
    if !text.isMQTTText { fail(.jsonText) }
    writer.append(UInt8(ascii: "\""))
    for index in text.indices {
      var byte = text[index]
      if byte < 0x20 {
        writer.append("\\u00")
        writer.append(UInt8(ascii: "0") &+ byte &>> 4)
        byte = UInt8(hexadecimalDigit: byte & 15)
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        writer.append(UInt8(ascii: "\\"))
      }
      writer.append(byte)
    }
    writer.append(UInt8(ascii: "\""))
  }

  /// Makes ``finish()`` throw `failure`, unless something else was wrong before.
  public mutating func fail(_ failure: Failure) {
    if self.failure.code == 0 { self.failure = failure }
  }
}

/// The same with literals.
extension JSONWriter {
  /// Writes a member's name; its value is next.
  @inlinable public mutating func name(_ literal: StaticString) { name(literal.bytes) }

  /// Writes a string.
  @inlinable public mutating func string(_ literal: StaticString) { string(literal.bytes) }
}
