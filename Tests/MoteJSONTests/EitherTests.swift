import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// What RFC 8259 leaves to the reader, as this one decides it.
struct EitherTests {
  @Test("Depth: the caller's limit, and not one more (9)", arguments: [0, 1, 2, 11, 31, 32])
  func depth(_ limit: Int) {
    let deep = String(repeating: "[", count: limit) + "1" + String(repeating: "]", count: limit)
    let told = read(deep, depthLimit: limit)
    #expect(told.count == 2 * limit + 2 && told.last == .end)
    #expect(read("[\(deep)]", depthLimit: limit).last == .failure(.jsonDepth, offset: limit))
    let objects = String(repeating: #"{"a":"#, count: limit) + "{}" + String(repeating: "}", count: limit)
    #expect(read(objects, depthLimit: limit).last == .failure(.jsonDepth, offset: 5 * limit))
  }

  @Test("Depth is what is open, not what was")
  func wide() {
    let text = "[" + Array(repeating: "[{}]", count: 100).joined(separator: ",") + "]"
    #expect(read(text, depthLimit: 3).last == .end)
    #expect(read(text, depthLimit: 2).last == .failure(.jsonDepth, offset: 2))
  }

  @Test("Objects and arrays close as they were opened, 32 deep")
  func mixed() {
    for pattern in [0x5555_5555, 0xAAAA_AAAA, 0x0F1E_2D3C, 0xFFFF_0001] as [UInt32] {
      var text = ""
      var close = ""
      for bit in 0..<32 {
        let isObject = pattern >> UInt32(bit) & 1 == 1
        text += isObject ? #"{"n":"# : "["
        close = (isObject ? "}" : "]") + close
      }
      #expect(read(text + "0" + close).last == .end)
      for place in close.indices {
        var wrong = close
        wrong.replaceSubrange(place...place, with: close[place] == "}" ? "]" : "}")
        let offset = text.utf8.count + 1 + close.distance(from: close.startIndex, to: place)
        #expect(read(text + "0" + wrong).last == .failure(.jsonComma, offset: offset))
      }
    }
  }

  @Test("A byte order mark is refused (8.1), in other encodings too")
  func byteOrderMark() {
    #expect(read([[0xEF, 0xBB, 0xBF, 0x31]]) == [.failure(.jsonValue, offset: 0)])
    #expect(read([[0xFF, 0xFE, 0x31, 0]]) == [.failure(.jsonValue, offset: 0)])
    #expect(read([[0, 0x31]]) == [.failure(.jsonValue, offset: 0)])
    #expect(read([[0x31, 0]]).last == .failure(.jsonTrailing, offset: 1))
  }

  @Test("Numbers of any size are told as they stand (6)")
  func numbers() {
    for text in [
      "1e400", "-1e-400", "0.1e1000000000000000000", String(repeating: "9", count: 5000),
      "0." + String(repeating: "0", count: 3000) + "1",
    ] {
      #expect(read(text, buffer: 16) == [.token(.number, depth: 0, text: Array(text.utf8)), .end])
    }
  }
}
