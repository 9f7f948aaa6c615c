import MoteBytes
import MoteTestSupport
import Testing

/// Numbers in topics, and the comparisons that stand beside them.
struct DecimalTests {
  private func decimal(_ value: UInt64) -> String { text { $0.appendDecimal(value) } }
  private func parsed(_ text: String, limit: Int) -> Int? { Array(text.utf8).span.decimal(limit: limit) }

  @Test("Every edge of a digit count is written right")
  func edges() {
    #expect(decimal(0) == "0")
    #expect(decimal(.max) == "18446744073709551615")
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      for value in [power - 1, power, power + 1, power / 10 * 9, power - power / 10] {
        #expect(decimal(value) == String(value))
      }
    }
    for shift in 0..<64 as Range<UInt64> {
      for value in [1 << shift, (1 << shift) &- 1, (1 << shift) + 1, UInt64.max - (1 << shift)] as [UInt64] {
        #expect(decimal(value) == String(value))
      }
    }
  }

  @Test("Small numbers and random ones of every magnitude are written right")
  func random() {
    for value in 0..<2000 as Range<UInt64> { #expect(decimal(value) == String(value)) }
    var generator = Generator(state: 2)
    for _ in 0..<20_000 {
      let value = generator.next() >> (generator.next() % 64)
      if decimal(value) != String(value) { Issue.record("\(value) became \(decimal(value))") }
    }
  }

  @Test("A number is parsed up to its limit and not above", arguments: [0, 1, 3, 5, 8, 9, 10, 11, 99, 100, 255, 65535])
  func limits(_ limit: Int) {
    for value in 0...(limit + 25) {
      #expect(parsed(String(value), limit: limit) == (value <= limit ? value : nil), "\(value) of \(limit)")
    }
    #expect(parsed("000" + String(limit), limit: limit) == limit)
    #expect(parsed(String(limit) + "0", limit: limit) == (limit == 0 ? 0 : nil))
  }

  @Test("The largest number parses and one more does not")
  func largest() {
    #expect(parsed("9223372036854775807", limit: .max) == .max)
    #expect(parsed("9223372036854775808", limit: .max) == nil)
    #expect(parsed("9223372036854775806", limit: .max - 1) == .max - 1)
    #expect(parsed("9223372036854775807", limit: .max - 1) == nil)
    #expect(parsed("99999999999999999999999999", limit: .max) == nil)
  }

  @Test(
    "Anything but digits is no number",
    arguments: [
      "", " ", "-1", "+1", "1 ", " 1", "1.0", "0x1", "1e2", "/", ":", "1:", "a", "12a", "\u{0}", "١",
    ])
  func malformed(_ text: String) {
    #expect(parsed(text, limit: .max) == nil)
  }

  @Test("Spans equal each other by their bytes")
  func comparing() {
    let hub = Array("$iothub/".utf8)
    func equals(_ other: StaticString) -> Bool { hub.span.equals(other.bytes) }
    #expect(equals("$iothub/"))
    #expect(!equals("$iothub"))
    #expect(!equals("$iothub!"))
    #expect(!equals(""))
  }
}
