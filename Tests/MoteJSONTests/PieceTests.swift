import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// Texts that are longer than the buffer, and what is passed over.
struct PieceTests {
  /// The tokens of one document, not put together.
  private func tokens(_ text: String, buffer: Int) throws -> [(
    kind: JSONToken.Kind, text: String, offset: Int, isComplete: Bool
  )] {
    let room = Memory(buffer)
    let piece = Memory(Array(text.utf8))
    var reader = JSONReader(buffer: room.region)
    try reader.feed(piece.region, isLast: true)
    var told: [(kind: JSONToken.Kind, text: String, offset: Int, isComplete: Bool)] = []
    while let token = try reader.next() {
      told.append(
        (token.kind, String(decoding: room.prefix(token.text.count), as: UTF8.self), token.offset, token.isComplete))
    }
    return told
  }

  @Test("A text comes whole when it is 4 bytes shorter than the buffer")
  func whole() throws {
    #expect(try tokens(#""abcdefgh""#, buffer: 12).map(\.text) == ["abcdefgh"])
    let cut = try tokens(#""abcdefghi""#, buffer: 12)
    #expect(
      cut.map(\.text) == ["abcdefghi", ""] && cut.map(\.offset) == [0, 9] && cut.map(\.isComplete) == [false, true])
    #expect(try tokens("12345678", buffer: 12).map(\.text) == ["12345678"])
    #expect(try tokens("123456789", buffer: 12).map(\.isComplete) == [false, true])
  }

  @Test("Pieces of a name, a string and a number, in order and with their offsets")
  func pieces() throws {
    let told = try tokens(#"{"abcdefgh":"0123456","k":-123456.5}"#, buffer: 7)
    #expect(told.map(\.text) == ["", "abcd", "efgh", "", "0123", "456", "k", "-123", "456.", "5", ""])
    #expect(told.map(\.offset) == [0, 0, 4, 8, 0, 4, 0, 0, 4, 8, 0])
    #expect(told.map(\.isComplete) == [true, false, false, true, false, true, true, false, false, true, true])
    #expect(
      told.map(\.kind) == [
        .beginObject, .name, .name, .name, .string, .string, .name, .number, .number, .number, .endObject,
      ])
  }

  @Test("A piece is not compared as if it were all")
  func comparing() throws {
    let room = Memory(8)
    let piece = Memory(Array(#"["abcdeabcde","abcd"]"#.utf8))
    var reader = JSONReader(buffer: room.region)
    try reader.feed(piece.region, isLast: true)
    #expect(try reader.next()?.kind == .beginArray)
    for expected in ["abcde", "abcde", ""] {
      let token = try #require(try reader.next())
      #expect(String(decoding: room.prefix(token.text.count), as: UTF8.self) == expected)
      #expect(!token.equals("abcde") && !token.equals("") && !token.isWhole)
    }
    let token = try #require(try reader.next())
    #expect(token.equals("abcd") && !token.equals("abc") && !token.equals("abcde") && token.isWhole)
  }

  /// Reads a document, passing over what follows each token for which `chosen` is true. What was told.
  private func read(_ text: String, pieces: Int = .max, buffer: Int = 16, skipping chosen: (JSONToken) -> Bool) throws
    -> [String]
  {
    let room = Memory(buffer)
    let bytes = Array(text.utf8)
    var reader = JSONReader(buffer: room.region)
    var told: [String] = []
    var place = 0
    repeat {
      let end = min(bytes.count, place + min(pieces, bytes.count))
      let piece = Memory(Array(bytes[place..<end]))
      place = end
      try reader.feed(piece.region, isLast: place == bytes.count)
      while let token = try reader.next() {
        told.append(
          "\(token.kind)"
            + (token.text.count > 0 ? "<\(String(decoding: room.prefix(token.text.count), as: UTF8.self))>" : ""))
        if chosen(token) { reader.skip() }
      }
    } while place < bytes.count
    #expect(reader.offset == bytes.count)
    return told
  }

  @Test("A member's value is passed over behind its name, of whatever kind", arguments: [1, 2, 3, 7, .max])
  func members(_ pieces: Int) throws {
    let text = #"{"a":{"b":[1,{"a":2}]},"c":1,"a":"x\"}","a":[[],{}],"a":-1.5e3,"a":null,"c":2,"a":{}}"#
    let told = try read(text, pieces: pieces) { $0.kind == .name && $0.equals("a") }
    #expect(
      told == [
        "beginObject", "name<a>", "name<c>", "number<1>", "name<a>", "name<a>", "name<a>", "name<a>", "name<c>",
        "number<2>",
        "name<a>", "endObject",
      ])
  }

  @Test("What was begun is passed over up to its end", arguments: [1, 5, .max])
  func begun(_ pieces: Int) throws {
    let text = #"[{"a":[1]},[[2],3],4,{},[]]"#
    #expect(
      try read(text, pieces: pieces) { $0.kind == .beginObject } == [
        "beginArray", "beginObject", "beginArray", "beginArray", "number<2>", "endArray", "number<3>", "endArray",
        "number<4>", "beginObject", "beginArray", "endArray", "endArray",
      ])
    #expect(
      try read(text, pieces: pieces) { $0.depth == 1 } == [
        "beginArray", "beginObject", "beginArray", "number<4>", "beginObject", "beginArray", "endArray",
      ])
    #expect(try read(text, pieces: pieces) { _ in true } == ["beginArray"])
    #expect(try read("7", pieces: pieces) { _ in true } == ["number<7>"])
  }

  @Test("The rest of a text that comes in pieces, and a name's value with it", arguments: [1, 6, .max])
  func texts(_ pieces: Int) throws {
    let text = #"{"0123456789abcdef":{"x":1},"c":["0123456789abcdef",1234567890123,5]}"#
    let told = try read(text, pieces: pieces, buffer: 8) { !$0.isComplete }
    #expect(
      told == [
        "beginObject", "name<01234>", "name<c>", "beginArray", "string<01234>", "number<12345>", "number<5>",
        "endArray",
        "endObject",
      ])
  }

  @Test("Behind an end or a whole value there is nothing to pass over")
  func nothing() throws {
    let all = try read(#"{"a":[1,"b",true],"c":null}"#) { _ in false }
    #expect(all.count == 10)
    #expect(try read(#"{"a":[1,"b",true],"c":null}"#) { $0.kind.rawValue > 3 } == all)
  }

  @Test(
    "What is passed over is checked, depth too",
    arguments: [
      (#"{"a":[1,]}"#, Failure.jsonValue, 8), (#"{"a":"\ud800"}"#, .jsonSurrogate, 12),
      (#"{"a":[[[1]]]}"#, .jsonDepth, 7),
      (#"{"a":[1}"#, .jsonComma, 7), (#"{"a":tru}"#, .jsonLiteral, 8), (#"{"a":"b"#, .jsonCut, 7),
    ])
  func checked(_ text: String, _ failure: Failure, _ offset: Int) throws {
    let room = Memory(8)
    let piece = Memory(Array(text.utf8))
    var reader = JSONReader(buffer: room.region, depthLimit: 3)
    try reader.feed(piece.region, isLast: true)
    #expect(try reader.next()?.kind == .beginObject)
    #expect(try reader.next()?.kind == .name)
    reader.skip()
    #expect(throws: failure) { try reader.next() }
    #expect(reader.offset == offset)
  }

  @Test("Before the first token the whole document is passed over")
  func document() throws {
    for (text, isGood) in [("[1,2]", true), (" null ", true), ("[1,2", false), ("[] 1", false)] {
      let room = Memory(4)
      let piece = Memory(Array(text.utf8))
      var reader = JSONReader(buffer: room.region)
      reader.skip()
      try reader.feed(piece.region, isLast: true)
      if isGood { #expect(try reader.next()?.kind == nil) } else { #expect(throws: Failure.self) { try reader.next() } }
    }
  }

  @Test("A piece is refused before the last was read, and after the end")
  func feeding() throws {
    let room = Memory(8)
    let piece = Memory(Array("[1]".utf8))
    var reader = JSONReader(buffer: room.region)
    #expect(try reader.next()?.kind == nil)
    try reader.feed(piece.region.part(0, 2), isLast: false)
    #expect(throws: Failure.state) { try reader.feed(piece.region.part(2, 1), isLast: true) }
    #expect(try reader.next()?.kind == .beginArray)
    #expect(try reader.next()?.kind == nil && reader.offset == 2)
    try reader.feed(piece.region.part(2, 1), isLast: true)
    #expect(try reader.next()?.equals("1") == true)
    #expect(try reader.next()?.kind == .endArray)
    #expect(try reader.next()?.kind == nil && reader.offset == 3)
    #expect(throws: Failure.state) { try reader.feed(.empty, isLast: true) }
    #expect(try reader.next()?.kind == nil)
  }
}
