import MoteBytes
import MoteTestSupport
import Testing

/// MQTT's strings (1.5.3) against the standard library's opinion of what UTF-8 is.
struct UTF8TextTests {
  /// What the standard library says, and no U+0000.
  private func isText(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil && !bytes.contains(0)
  }

  /// How many of the sequences are judged differently. (An expectation each would take minutes.)
  private func differences(_ sequences: some Sequence<[UInt8]>) -> Int {
    sequences.count { $0.span.isMQTTText != isText($0) }
  }

  @Test("Every sequence of one or two bytes")
  func oneAndTwo() {
    #expect(differences([[]]) == 0)
    #expect(differences((0...255).map { [UInt8($0)] }) == 0)
    #expect(differences((0...65535).map { [UInt8($0 >> 8), UInt8($0 & 255)] }) == 0)
  }

  @Test(
    "Every sequence of three bytes that does not begin with a whole character",
    arguments: 0x80...0xFF as ClosedRange<UInt8>)
  func three(_ lead: UInt8) {
    var bytes = [lead, 0, 0]
    var wrong = 0
    for second in UInt8.min...UInt8.max {
      bytes[1] = second
      // No third byte mends these: then the library need not be asked 256 times.
      let hopeless = lead < 0xC2 || lead > 0xF4 || second & 0xC0 != 0x80
      for third in UInt8.min...UInt8.max {
        bytes[2] = third
        if bytes.span.isMQTTText != (hopeless ? false : isText(bytes)) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test("Every character there is, but U+0000")
  func characters() {
    var wrong = 0
    for value in 1...0x10FFFF as ClosedRange<UInt32> {
      if let scalar = Unicode.Scalar(value), !Array(UTF8.encode(scalar) ?? .init()).span.isMQTTText { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test("Four bytes: every lead and second byte, with edges and samples behind")
  func four() {
    let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0, 0xFF]
    var wrong = 0
    for lead in 0xE0...0xFF as ClosedRange<UInt8> {
      for second in 0x7F...0xC1 as ClosedRange<UInt8> {
        for third in edges {
          for fourth in edges {
            let bytes = [lead, second, third, fourth]
            if bytes.span.isMQTTText != isText(bytes) { wrong += 1 }
          }
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test("Random text of every length, whole and damaged, so that words and characters meet at every offset")
  func random() {
    var generator = Generator(state: 3)
    let characters = [
      "a", "é", "€", "😀", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
    ]
    for round in 0..<6000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...24, using: &generator) {
        text += Bool.random(using: &generator) ? "z" : characters.randomElement(using: &generator) ?? ""
      }
      var bytes = Array(text.utf8)
      if !bytes.span.isMQTTText { Issue.record("refused \(bytes)") }
      guard !bytes.isEmpty else { continue }
      switch round % 3 {
      case 0: bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeLast()
      default: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &generator))
      }
      if bytes.span.isMQTTText != isText(bytes) { Issue.record("judged wrongly: \(bytes)") }
    }
  }

  @Test("U+0000 is refused at every place of long ASCII, and every other byte below 0x80 is not")
  func null() {
    for length in 1...40 {
      for place in 0..<length {
        var bytes = [UInt8](repeating: 0x61, count: length)
        for byte in [0x00, 0x01, 0x7F, 0x80, 0xFF] as [UInt8] {
          bytes[place] = byte
          if bytes.span.isMQTTText != (byte == 0x01 || byte == 0x7F) {
            Issue.record("\(byte) at \(place) of \(length)")
          }
        }
      }
    }
  }
}
