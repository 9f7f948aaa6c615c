import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// What is written, byte for byte, and what is refused.
struct WriterTests {
  private func write(_ body: (inout JSONWriter) -> Void) -> Result<String, Failure> {
    let room = Memory(256)
    var writer = JSONWriter(room.region)
    body(&writer)
    do throws(Failure) {
      return .success(String(decoding: room.prefix(try writer.finish().count), as: UTF8.self))
    } catch {
      return .failure(error)
    }
  }

  @Test("Commas and nesting")
  func nesting() {
    let text = write {
      $0.beginObject()
      $0.name("a")
      $0.beginArray()
      $0.integer(1)
      $0.beginArray()
      $0.end()
      $0.beginObject()
      $0.end()
      $0.null()
      $0.end()
      $0.name("b")
      $0.bool(true)
      $0.name("c")
      $0.beginObject()
      $0.name("d")
      $0.string("e")
      $0.end()
      $0.name("f")
      $0.bool(false)
      $0.end()
    }
    #expect(text == .success(#"{"a":[1,[],{},null],"b":true,"c":{"d":"e"},"f":false}"#))
  }

  @Test("One value alone")
  func alone() {
    #expect(write { $0.integer(-5) } == .success("-5"))
    #expect(write { $0.string("") } == .success(#""""#))
    #expect(write { $0.null() } == .success("null"))
    #expect(write { $0.raw(Array("{\"x\": 1}".utf8).span) } == .success("{\"x\": 1}"))
  }

  @Test("Raw values are values: commas come before them")
  func raw() {
    let text = write {
      $0.beginObject()
      $0.name("a")
      $0.raw(Array("[1]".utf8).span)
      $0.name("b")
      $0.raw(Array("2.5e3".utf8).span)
      $0.end()
    }
    #expect(text == .success(#"{"a":[1],"b":2.5e3}"#))
  }

  @Test("Strings and names are escaped as they have to be, and not further")
  func escapes() {
    let escaped = write { $0.string(Array("\"\\/\u{1}\u{8}\t\n\u{C}\r\u{1F}\u{7F} é€😀".utf8).span) }
    #expect(escaped == .success(#""\"\\/\u0001\u0008\u0009\u000A\u000C\u000D\u001F"# + "\u{7F} é€😀\""))
    let text = write {
      $0.beginObject()
      $0.name(Array("a\"\n".utf8).span)
      $0.null()
      $0.end()
    }
    #expect(text == .success(#"{"a\"\u000A":null}"#))
  }

  @Test(
    "Integers and fixed point",
    arguments: [
      (0, 0, "0"), (1, 0, "1"), (-1, 0, "-1"), (.max, 0, "9223372036854775807"), (.min, 0, "-9223372036854775808"),
      (2150, 2, "21.50"), (-2150, 2, "-21.50"), (5, 1, "0.5"), (5, 2, "0.05"), (-5, 3, "-0.005"), (0, 2, "0.00"),
      (10, 1, "1.0"),
      (.max, 18, "9.223372036854775807"), (.min, 18, "-9.223372036854775808"), (1, 18, "0.000000000000000001"),
      (100, 2, "1.00"), (99, 2, "0.99"),
    ] as [(Int64, Int, String)])
  func numbers(_ value: Int64, _ decimals: Int, _ text: String) {
    #expect(write { $0.fixedPoint(value, decimals: decimals) } == .success(text))
    if decimals == 0 { #expect(write { $0.integer(value) } == .success(text)) }
  }

  /// Steps, a character each: `{` and `[` begin, `.` ends, `n` is a name, and the others are values.
  private func take(_ steps: String, _ writer: inout JSONWriter) {
    for step in steps {
      switch step {
      case "{": writer.beginObject()
      case "[": writer.beginArray()
      case ".": writer.end()
      case "n": writer.name("n")
      case "s": writer.string("s")
      case "r": writer.raw(([UInt8(ascii: "1")] as [UInt8]).span)
      case "x": writer.string(([0xFF] as [UInt8]).span)
      default: writer.integer(0)
      }
    }
  }

  @Test(
    "Wrong use is refused, and the first mistake stays",
    arguments: [
      "", "00", "n", "[n.", "[n0.", "{0.", "{s.", "{r.", "{n.", "{nn0.", "{n00.", "{{..", "{[..", ".", "[..", "[",
      "[{.", "{n",
      "{.0", "{n0", ".[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", ".x", "{n{}",
    ])
  func order(_ steps: String) {
    #expect(write { take(steps, &$0) } == .failure(.jsonOrder))
  }

  @Test(
    "Text that is not UTF-8, or has a NUL", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x61, 0x00], [0x00]])
  func text(_ text: [UInt8]) {
    #expect(write { $0.string(text.span) } == .failure(.jsonText))
    let object = write {
      $0.beginObject()
      $0.name(text.span)
      $0.null()
      $0.end()
    }
    #expect(object == .failure(.jsonText))
  }

  @Test("Decimals that cannot be", arguments: [-1, 19, .min, .max])
  func decimals(_ decimals: Int) {
    #expect(write { $0.fixedPoint(1, decimals: decimals) } == .failure(.argument))
  }

  @Test("Depth")
  func depth() {
    func nested(_ count: Int) -> Result<String, Failure> {
      write { take(String(repeating: "[", count: count) + String(repeating: ".", count: count), &$0) }
    }
    #expect(nested(32) == .success(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)))
    #expect(nested(33) == .failure(.jsonDepth))
    #expect(nested(1000) == .failure(.jsonDepth))
  }

  @Test("What does not fit is counted, and nothing is written outside")
  func room() throws {
    func body(_ writer: inout JSONWriter) {
      writer.beginObject()
      writer.name("temperature")
      writer.fixedPoint(-215, decimals: 1)
      writer.name("s")
      writer.string(Array("\u{1}é".utf8).span)
      writer.end()
    }
    let expected = "{\"temperature\":-21.5,\"s\":\"\\u0001é\"}"
    let size = expected.utf8.count
    for capacity in 0..<size + 3 {
      let room = Memory(capacity)
      var writer = JSONWriter(room.region)
      body(&writer)
      #expect(writer.count == size)
      if capacity < size {
        #expect((try? writer.finish().count) == nil)
      } else {
        #expect(try writer.finish().count == size)
        #expect(String(decoding: room.prefix(size), as: UTF8.self) == expected)
      }
    }
  }
}
