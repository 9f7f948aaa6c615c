import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// Documents that are none: which rule they break, and at which byte.
struct RejectTests {
  static let cases: [(String, Failure, Int)] = [
    // Where a value must begin.
    ("x", .jsonValue, 0), ("}", .jsonValue, 0), ("]", .jsonValue, 0), (",", .jsonValue, 0), (":", .jsonValue, 0),
    ("[,]", .jsonValue, 1), ("[1,]", .jsonValue, 3), ("[1,,2]", .jsonValue, 3), (#"{"a":}"#, .jsonValue, 5),
    (#"{"a":,"#, .jsonValue, 5), ("[}", .jsonValue, 1), ("+1", .jsonValue, 0), (".5", .jsonValue, 0),
    ("'a'", .jsonValue, 0), ("[a]", .jsonValue, 1), ("True", .jsonValue, 0), ("NaN", .jsonValue, 0),
    ("Infinity", .jsonValue, 0), ("// a\n1", .jsonValue, 0), ("\u{FEFF}1", .jsonValue, 0), ("\u{0}", .jsonValue, 0),
    ("\u{A0}1", .jsonValue, 0), ("\u{B}1", .jsonValue, 0), ("\u{C}1", .jsonValue, 0), ("1\u{C}", .jsonTrailing, 1),
    ("[\u{1}]", .jsonValue, 1), ("\\n", .jsonValue, 0), ("é", .jsonValue, 0), (#"{"a"::1}"#, .jsonValue, 5),
    // Where a name must begin.
    ("{,}", .jsonName, 1), (#"{"a":1,}"#, .jsonName, 7), ("{1:2}", .jsonName, 1), ("{a:1}", .jsonName, 1),
    ("{'a':1}", .jsonName, 1), ("{{}}", .jsonName, 1), ("{]", .jsonName, 1), (#"{"a":1,,"b":2}"#, .jsonName, 7),
    ("{null:1}", .jsonName, 1), ("{:1}", .jsonName, 1), ("{\u{0}}", .jsonName, 1),
    // Between a name and its value.
    (#"{"a"}"#, .jsonColon, 4), (#"{"a",1}"#, .jsonColon, 4), (#"{"a" 1}"#, .jsonColon, 5),
    (#"{"a" "b"}"#, .jsonColon, 5), (#"{"a"=1}"#, .jsonColon, 4), (#"{"a"]"#, .jsonColon, 4),
    // Behind a value.
    ("[1 2]", .jsonComma, 3), ("[1}", .jsonComma, 2), (#"{"a":1]"#, .jsonComma, 6), (#"{"a":1 "b":2}"#, .jsonComma, 7),
    (#"["a":1]"#, .jsonComma, 4), ("[[]1]", .jsonComma, 3), (#"["" ""]"#, .jsonComma, 4), ("[1;2]", .jsonComma, 2),
    ("[truex]", .jsonComma, 5), ("[012]", .jsonComma, 2), ("[1.2.3]", .jsonComma, 4), ("[-01]", .jsonComma, 3),
    ("[0x1]", .jsonComma, 2), ("[1e5.5]", .jsonComma, 4), ("[1+2]", .jsonComma, 2), ("[1 000]", .jsonComma, 3),
    (#"{"a":1:2}"#, .jsonComma, 6), ("[\"a\"\u{0}]", .jsonComma, 4), ("[1a]", .jsonComma, 2),
    // Behind the document.
    ("1 2", .jsonTrailing, 2), ("{}}", .jsonTrailing, 2), ("[]]", .jsonTrailing, 2), ("[],", .jsonTrailing, 2),
    ("{}#", .jsonTrailing, 2), ("nullnull", .jsonTrailing, 4), ("01", .jsonTrailing, 1), ("\"\"\"\"", .jsonTrailing, 2),
    ("{}\u{0}", .jsonTrailing, 2), ("1:", .jsonTrailing, 1), ("[][]", .jsonTrailing, 2), ("1x", .jsonTrailing, 1),
    // Literals.
    ("tru ", .jsonLiteral, 3), ("trUe", .jsonLiteral, 2), ("[nul]", .jsonLiteral, 4), ("falsy", .jsonLiteral, 4),
    ("nil", .jsonLiteral, 1), ("t", .jsonCut, 1), ("fals", .jsonCut, 4), ("nul", .jsonCut, 3),
    // Numbers.
    ("[-]", .jsonNumber, 2), ("[-a]", .jsonNumber, 2), ("[1.]", .jsonNumber, 3), ("[1.e1]", .jsonNumber, 3),
    ("[1e]", .jsonNumber, 3), ("[1e+]", .jsonNumber, 4), ("[1E-]", .jsonNumber, 4), ("[--1]", .jsonNumber, 2),
    ("[-.5]", .jsonNumber, 2), ("[1e+-2]", .jsonNumber, 4), ("[1ee2]", .jsonNumber, 3), ("[1.-2]", .jsonNumber, 3),
    ("[-Infinity]", .jsonNumber, 2), ("[0.\"\"]", .jsonNumber, 3), ("-", .jsonCut, 1), ("1.", .jsonCut, 2),
    ("0e", .jsonCut, 2), ("1e-", .jsonCut, 3),
    // Control characters in strings.
    ("\"\n\"", .jsonControl, 1), ("\"\t\"", .jsonControl, 1), ("\"a\u{0}b\"", .jsonControl, 2),
    ("\"\u{1F}\"", .jsonControl, 1), ("{\"\r\":1}", .jsonControl, 2), ("\"\\u00e9\u{1}\"", .jsonControl, 7),
    // Escapes.
    (#""\a""#, .jsonEscape, 2), (#""\x41""#, .jsonEscape, 2), (#""\'""#, .jsonEscape, 2), (#""\0""#, .jsonEscape, 2),
    (#""\U0041""#, .jsonEscape, 2), ("\"\\\u{0}\"", .jsonEscape, 2), ("\"\\é\"", .jsonEscape, 2),
    ("\"\\\n\"", .jsonEscape, 2), (#""\u004""#, .jsonEscape, 6), (#""\u00G0""#, .jsonEscape, 5),
    (#""\u""#, .jsonEscape, 3), (#""\u 041""#, .jsonEscape, 3), (#""\u+041""#, .jsonEscape, 3),
    (#""\ud83d\u00""#, .jsonEscape, 11), (#""\B""#, .jsonEscape, 2), (#""\v""#, .jsonEscape, 2),
    // Half of a surrogate pair.
    (#""\ud800""#, .jsonSurrogate, 7), (#""\udc00""#, .jsonSurrogate, 6), (#""\ud83dx""#, .jsonSurrogate, 7),
    (#""\ud83d\n""#, .jsonSurrogate, 8), (#""\ud83d\u0041""#, .jsonSurrogate, 12),
    (#""\ud83d\ud83d\ude00""#, .jsonSurrogate, 12), (#""\udfff\ud800""#, .jsonSurrogate, 6),
    ("\"\\ud83dé\"", .jsonSurrogate, 7), (#""\ud83d\ue000""#, .jsonSurrogate, 12), (#""\uDFFF""#, .jsonSurrogate, 6),
    (#""\uDBFF""#, .jsonSurrogate, 7), (#""\ud83d\"""#, .jsonSurrogate, 8), (#""\ud83d"#, .jsonCut, 7),
    // The end within the document.
    ("", .jsonCut, 0), (" ", .jsonCut, 1), ("[", .jsonCut, 1), ("{", .jsonCut, 1), ("[1", .jsonCut, 2),
    ("[1,", .jsonCut, 3), (#"{"a""#, .jsonCut, 4), (#"{"a":"#, .jsonCut, 5), (#"{"a":1"#, .jsonCut, 6),
    (#"{"a":1,"#, .jsonCut, 7), ("[[]", .jsonCut, 3), ("\"", .jsonCut, 1), ("\"a", .jsonCut, 2),
    (#""\"#, .jsonCut, 2), (#""\u"#, .jsonCut, 3), (#""\u004"#, .jsonCut, 6), (#"{"a"#, .jsonCut, 3),
  ]

  @Test("Refused, at that byte", arguments: cases)
  func refused(_ text: String, _ failure: Failure, _ offset: Int) {
    #expect(read(text).last == .failure(failure, offset: offset), "\(failure.code)")
  }

  @Test("However it is cut, and whatever the buffer holds", arguments: cases)
  func cut(_ text: String, _ failure: Failure, _ offset: Int) {
    let bytes = Array(text.utf8)
    let whole = read([bytes])
    for place in 0...bytes.count {
      #expect(read([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "cut at \(place)")
    }
    #expect(read(bytes.map { [$0] } + [[]]) == whole, "byte by byte")
    for room in 4..<20 { #expect(read(text, buffer: room) == whole, "in \(room) bytes") }
  }

  /// Strings with bytes that are no UTF-8, and where.
  static let malformed: [([UInt8], Int)] = [
    ([0x80], 1), ([0xBF], 1), ([0xC0, 0x80], 1), ([0xC1, 0xBF], 1), ([0xE0, 0x80, 0x80], 2), ([0xE0, 0x9F, 0xBF], 2),
    ([0xED, 0xA0, 0x80], 2), ([0xED, 0xBF, 0xBF], 2), ([0xF0, 0x80, 0x80, 0x80], 2), ([0xF0, 0x8F, 0xBF, 0xBF], 2),
    ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF5, 0x80, 0x80, 0x80], 1), ([0xFE], 1), ([0xFF], 1), ([0xC3], 2),
    ([0xE2, 0x82], 3), ([0xF0, 0x9F, 0x98], 4), ([0xC3, 0x28], 2), ([0xE2, 0x28, 0xA1], 2), ([0x61, 0xE9, 0x62], 3),
    ([0xC3, 0x5C], 2), ([0xE2, 0x82, 0x5C], 3),
  ]

  @Test("Text that is not UTF-8", arguments: malformed)
  func text(_ text: [UInt8], _ offset: Int) {
    let bytes = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\""), UInt8(ascii: " ")]
    for place in 0...bytes.count {
      let told = read([Array(bytes[..<place]), Array(bytes[place...])])
      #expect(told == [.failure(.jsonText, offset: offset)], "cut at \(place)")
    }
  }

  @Test("An error stays, and nothing is told behind it; more is not taken")
  func sticky() {
    let room = Memory(8)
    let piece = Memory(Array("[1,]  ".utf8))
    var reader = JSONReader(buffer: room.region)
    #expect(throws: Never.self) { try reader.feed(piece.region, isLast: false) }
    #expect((try? reader.next())?.kind == .beginArray)
    #expect((try? reader.next())?.kind == .number)
    for _ in 0..<3 {
      #expect(throws: Failure.jsonValue) { try reader.next() }
      #expect(reader.offset == 3)
    }
    #expect(throws: Failure.state) { try reader.feed(piece.region, isLast: true) }
    reader.skip()
    #expect(throws: Failure.jsonValue) { try reader.next() }
  }
}
