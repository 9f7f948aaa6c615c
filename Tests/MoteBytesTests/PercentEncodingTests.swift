import MoteBytes
import MoteTestSupport
import Testing

/// protocol.md, 2.1: the service compares what it decodes, so both directions have to be exact.
struct PercentEncodingTests {
  private func encoded(_ bytes: [UInt8]) -> String { text { $0.appendPercentEncoded(bytes.span) } }

  private func decoded(_ text: String) -> [UInt8]? {
    let memory = Memory(256)
    var writer = Writer(memory.region)
    return writer.appendPercentDecoded(Array(text.utf8).span) ? memory.prefix(writer.count) : nil
  }

  @Test("Every byte is bare when it is unreserved, else %XX in upper case")
  func everyByte() {
    let bare = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    let digits = Array("0123456789ABCDEF")
    for byte in UInt8.min...UInt8.max {
      let expected =
        bare.contains(byte)
        ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte) / 16])\(digits[Int(byte) % 16])"
      #expect(encoded([byte]) == expected)
      #expect(decoded(expected) == [byte])
    }
  }

  @Test(
    "Text of the hub's kind",
    arguments: [
      ("application/json", "application%2Fjson"), ("a b", "a%20b"), ("a+b", "a%2Bb"), ("é", "%C3%A9"),
      ("€", "%E2%82%AC"), ("😀", "%F0%9F%98%80"),
      ("myhub.azure-devices.net/devices/dev1", "myhub.azure-devices.net%2Fdevices%2Fdev1"),
      ("$.ct", "%24.ct"), ("100%", "100%25"), ("k=v&w", "k%3Dv%26w"), ("~-._", "~-._"), ("", ""),
    ])
  func known(_ plain: String, _ escaped: String) {
    #expect(encoded(Array(plain.utf8)) == escaped)
    #expect(decoded(escaped) == Array(plain.utf8))
  }

  @Test(
    "Digits of either case decode, plus stays plus, and bare bytes stay themselves",
    arguments: [
      ("%2f%2F", "//"), ("%c3%A9", "é"), ("%aA%Bb", nil), ("a+b", "a+b"), ("%2B+", "++"), ("a/b?c d", "a/b?c d"),
      ("%2541", "%41"),
    ] as [(String, String?)])
  func decoding(_ escaped: String, _ plain: String?) {
    #expect(decoded(escaped) == (plain.map { Array($0.utf8) } ?? [0xAA, 0xBB]))
  }

  @Test(
    "A malformed escape is refused and nothing beyond the end is read",
    arguments: [
      "%", "%4", "%zz", "%4z", "%z4", "a%", "a%4", "%41%", "%41%4", "%%41", "% 1", "%+1", "%-1", "%0x", "%4G", "%g4",
      "%\u{0}1", "%4:", "%4/", "%4@", "%4`",
    ])
  func malformed(_ escaped: String) {
    #expect(decoded(escaped) == nil)
  }

  @Test("A truncated escape does not borrow from the bytes behind the span")
  func truncated() {
    let bytes = Array("ab%41".utf8)
    for count in 3..<5 {
      let memory = Memory(8)
      var writer = Writer(memory.region)
      let whole = writer.appendPercentDecoded(bytes.span.extracting(first: count))
      #expect(!whole)
      #expect(memory.prefix(writer.count) == Array("ab".utf8))
    }
  }

  @Test("Without room the length is still counted")
  func overflow() {
    #expect(written(capacity: 2) { $0.appendPercentEncoded(Array("a b".utf8).span) }.count == 5)
    #expect(written(capacity: 2) { $0.appendPercentEncoded(Array("a b".utf8).span) }.bytes == nil)
  }
}
