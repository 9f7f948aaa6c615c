import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// Documents that RFC 8259 allows: taken whole, cut once at every byte, and byte by byte, they tell the same.
struct AcceptTests {
  /// The document, and what is told of it.
  static let cases: [(String, [String])] = [
    ("0", ["number@0<0>"]), ("-0", ["number@0<-0>"]), ("7", ["number@0<7>"]), ("-12", ["number@0<-12>"]),
    ("1234567890", ["number@0<1234567890>"]), ("0.0", ["number@0<0.0>"]), ("10.25", ["number@0<10.25>"]),
    ("0e0", ["number@0<0e0>"]), ("1E5", ["number@0<1E5>"]), ("1e+05", ["number@0<1e+05>"]),
    ("-3.14E-10", ["number@0<-3.14E-10>"]), ("123e99999", ["number@0<123e99999>"]),
    ("100000000000000000000000000000000000001", ["number@0<100000000000000000000000000000000000001>"]),
    (" 5 ", ["number@0<5>"]), ("\n\t\r [\r\n]\t", ["beginArray@0", "endArray@0"]),
    ("true", ["true@0"]), ("false", ["false@0"]), ("null", ["null@0"]),
    ("[true,false,null]", ["beginArray@0", "true@1", "false@1", "null@1", "endArray@0"]),
    ("[0]", ["beginArray@0", "number@1<0>", "endArray@0"]),
    ("[-1,0.5]", ["beginArray@0", "number@1<-1>", "number@1<0.5>", "endArray@0"]),
    ("[1 , 2]", ["beginArray@0", "number@1<1>", "number@1<2>", "endArray@0"]),
    (
      "[[],[[]]]",
      [
        "beginArray@0", "beginArray@1", "endArray@1", "beginArray@1", "beginArray@2", "endArray@2", "endArray@1",
        "endArray@0",
      ]
    ),
    ("{}", ["beginObject@0", "endObject@0"]), ("{ }", ["beginObject@0", "endObject@0"]),
    (#"{"a":0}"#, ["beginObject@0", "name@1<a>", "number@1<0>", "endObject@0"]),
    (#"{"":""}"#, ["beginObject@0", "name@1", "string@1", "endObject@0"]),
    (
      #"{"a":{"b":[{}]},"c":1}"#,
      [
        "beginObject@0", "name@1<a>", "beginObject@1", "name@2<b>", "beginArray@2", "beginObject@3", "endObject@3",
        "endArray@2", "endObject@1", "name@1<c>", "number@1<1>", "endObject@0",
      ]
    ),
    (#"{"a":1,"a":1}"#, ["beginObject@0", "name@1<a>", "number@1<1>", "name@1<a>", "number@1<1>", "endObject@0"]),
    (
      #"{"\u0061b" : "c" , "d" : [ ] }"#,
      ["beginObject@0", "name@1<ab>", "string@1<c>", "name@1<d>", "beginArray@1", "endArray@1", "endObject@0"]
    ),
    (#""""#, ["string@0"]), (#""text""#, ["string@0<text>"]), (#"" ""#, ["string@0< >"]),
    (#""[{,:}]""#, ["string@0<[{,:}]>"]), (#""//*""#, ["string@0<//*>"]),
    (#""\"\\\/\b\f\n\r\t""#, ["string@0<\"\\/\u{8}\u{C}\n\r\t>"]),
    (#""\u0000""#, ["string@0<\0>"]), (#""\u0041\u00e9\u20AC""#, ["string@0<Aé€>"]),
    (#""\u007f\u0080\u07ff\u0800\uffff""#, ["string@0<\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}>"]),
    (#""\uD83D\uDE00""#, ["string@0<😀>"]), (#""\ud800\udc00\udbff\udfff""#, ["string@0<\u{10000}\u{10FFFF}>"]),
    (#""\ud7ff\ue000""#, ["string@0<\u{d7ff}\u{e000}>"]),
    (#""\\u0041""#, ["string@0<\\u0041>"]), (#""\\\"""#, ["string@0<\\\">"]),
    (
      "\"é€😀\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"",
      ["string@0<é€😀\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}>"]
    ),
    ("\"\u{2028}\u{FEFF}\u{FFFE}\"", ["string@0<\u{2028}\u{FEFF}\u{FFFE}>"]),
    (#""a\u00E9b€\ud83d\ude00c""#, ["string@0<aéb€😀c>"]),
  ]

  @Test("Accepted, and told so", arguments: cases)
  func accepted(_ text: String, _ tokens: [String]) {
    #expect(read(text).map(\.description) == tokens + ["end"])
  }

  @Test("However it is cut", arguments: cases.map(\.0))
  func cut(_ text: String) {
    let bytes = Array(text.utf8)
    let whole = read([bytes])
    for place in 0...bytes.count {
      #expect(read([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "cut at \(place)")
    }
    #expect(read(bytes.map { [$0] } + [[]]) == whole, "byte by byte")
    #expect(read(bytes.flatMap { [[], [$0]] }) == whole, "with nothing in between")
  }

  @Test("Whatever the buffer holds: pieces of a text add up", arguments: cases.map(\.0))
  func room(_ text: String) {
    let whole = read(text)
    for room in 4..<40 { #expect(read(text, buffer: room) == whole, "in \(room) bytes") }
  }
}
