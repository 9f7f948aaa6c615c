#if Tools

import MoteHubEmulator
import Testing

struct JSONTests {
  @Test(
    arguments: [
      "null", "true", "false", "0", "-12", "4503599627370495", "9223372036854775807", "-9223372036854775808", "1.5",
      "-0.1", "1e+300", #""""#, #""a""#, #""é😀""#, #""\"\\\n\r\t\u0001\u007f""#, "[]", "{}", "[1,[2,{}]]",
      #"{"z":1,"a":{"b":null},"m":[]}"#,
    ])
  func whatIsWrittenIsWhatWasRead(text: String) throws {
    #expect(try JSON.parse(text.utf8).text == text)
  }

  @Test func escapesAndSpaceAreUnderstood() throws {
    let value = try JSON.parse(Array(" \t\r\n{ \"a\\u00e9\\/\" : [ \"\\uD83D\\uDE00\\b\\f\" , 1.0E2 , -0 ] } ".utf8))
    #expect(value == ["aé/": ["😀\u{8}\u{C}", 100.0, 0]])
  }

  @Test(
    arguments: [
      ("", 0), (" ", 1), ("nul", 3), ("nulL", 3), ("1 2", 2), ("01", 1), ("-", 1), ("1.", 2), (".5", 0), ("1e", 2),
      ("+1", 0),
      ("NaN", 0), ("1e999", 5), ("9223372036854775808", 19), ("[1,]", 3), ("[1", 2), ("[1}", 2), ("{", 1),
      ("{\"a\"}", 4),
      ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{\"a\":1,\"a\":2}", 10), ("\"", 1), ("\"\\", 2),
      ("\"\\x\"", 2),
      ("\"\\u12\"", 5), ("\"\\u12G4\"", 5), ("\"\\uD83D\"", 7), ("\"\\uD83D\\u0041\"", 13), ("\"\\uDE00\"", 7),
      ("\"\n\"", 1), ("'a'", 0),
    ])
  func whatIsNotJSONIsRefusedWhereItIsWrong(text: String, offset: Int) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(text.utf8) }
    #expect(error?.offset == offset)
  }

  @Test(arguments: [
    [0x22, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31],
  ])
  func textThatIsNotUTF8IsRefused(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSON.parse(bytes) }
  }

  @Test func levelsAreLimited() throws {
    func nested(_ count: Int) -> [UInt8] {
      Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
    }
    #expect(try JSON.parse(nested(64)).array?.count == 1)
    let error = #expect(throws: JSONError.self) { try JSON.parse(nested(65)) }
    #expect(error?.offset == 64)
    #expect(throws: JSONError.self) { try JSON.parse(nested(1_000_000)) }
  }

  @Test func membersKeepTheirOrder() {
    var object: JSON.Object = ["b": 1, "a": 2, "c": 3]
    object["b"] = nil
    object["a"] = 4
    object["b"] = 5
    #expect(object.map(\.name) == ["a", "c", "b"])
    #expect(JSON.object(object).text == #"{"a":4,"c":3,"b":5}"#)
    #expect(object == ["b": 5, "c": 3, "a": 4])
  }

  @Test func peopleSeeALineAMember() {
    let value: JSON = ["a": [1, [:]], "b": [:], "c": ["d": nil]]
    #expect(
      value.indented == """
        {
          "a": [
            1,
            {}
          ],
          "b": {},
          "c": {
            "d": null
          }
        }
        """)
  }
}

#endif
