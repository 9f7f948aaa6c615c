import MoteBytes
import MoteTestSupport
import Testing

/// Base64 is what keys and signatures travel in: one wrong bit is a refused device.
struct Base64Tests {
  static let vectors = [
    ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ]

  private func encoded(_ bytes: [UInt8]) -> String { text { $0.appendBase64(bytes.span) } }

  /// What `text` decodes to into `capacity` bytes.
  private func decoded(_ text: String, capacity: Int = 256) -> [UInt8]? {
    decoded(Array(text.utf8), capacity: capacity)
  }

  private func decoded(_ bytes: [UInt8], capacity: Int) -> [UInt8]? {
    var room = [UInt8](repeating: 0xEE, count: capacity)
    let count = decode(bytes, into: &room)
    return count.map { Array(room.prefix($0)) }
  }

  private func decode(_ bytes: [UInt8], into room: inout [UInt8]) -> Int? {
    var span = room.mutableSpan
    return bytes.span.decodeBase64(into: &span)
  }

  @Test("The vectors of RFC 4648 hold both ways", arguments: vectors)
  func vector(_ plain: String, _ base64: String) {
    #expect(encoded(Array(plain.utf8)) == base64)
    #expect(decoded(base64) == Array(plain.utf8))
  }

  @Test func nothingEncodesToNothingAndDoesNotDecode() {
    #expect(encoded([]) == "")
    #expect(decoded("") == nil)
  }

  @Test("Every length and every byte survives both ways")
  func roundTrip() {
    var generator = Generator(state: 1)
    for length in 1...96 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let base64 = encoded(bytes)
      #expect(base64.utf8.count == (length + 2) / 3 * 4)
      #expect(decoded(base64) == bytes)
    }
    let all = (0...255).map { UInt8($0) }
    let base64 = written(capacity: 512) { $0.appendBase64(all.span) }.bytes ?? []
    #expect(decoded(base64, capacity: 256) == all)
  }

  @Test("The 64 characters stand in the standard order")
  func alphabet() {
    let bytes: [UInt8] = [
      0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8B, 0x30, 0xD3, 0x8F, 0x41, 0x14, 0x93, 0x51, 0x55, 0x97,
      0x61, 0x96, 0x9B, 0x71, 0xD7, 0x9F, 0x82, 0x18, 0xA3, 0x92, 0x59, 0xA7, 0xA2, 0x9A, 0xAB, 0xB2, 0xDB, 0xAF,
      0xC3, 0x1C, 0xB3, 0xD3, 0x5D, 0xB7, 0xE3, 0x9E, 0xBB, 0xF3, 0xDF, 0xBF,
    ]
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    #expect(encoded(bytes) == alphabet)
    #expect(decoded(alphabet) == bytes)
  }

  @Test("Any character outside the alphabet is refused, at every place")
  func badAlphabet() {
    let good = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for place in 0..<8 {
      for byte in UInt8.min...UInt8.max where !good.contains(byte) {
        var bytes = Array("Zm9vYmFy".utf8)
        bytes[place] = byte
        if place == 7 && byte == UInt8(ascii: "=") { bytes[6] = UInt8(ascii: "-") }
        #expect(decoded(bytes, capacity: 8) == nil, "byte \(byte) at \(place)")
      }
    }
  }

  @Test(
    "Lengths, padding and leftover bits are as an encoder makes them",
    arguments: [
      "Z", "Zg", "Zg=", "Zg===", "Zm9vY", "Zm9vYg", "Zm9vYg=", "=", "==", "===", "====", "A===", "Z===", "Zg=g", "=g==",
      "Zg==Zg==", "Zm8=Zm8=", "Zm9v\n", "Zm9vZ\n==", " Zm9", "Zh==", "Zn==", "Zo==", "Zw==Zg==", "Zm9=", "Zm+=", "Zm/=",
      "Zm-_",
    ])
  func malformed(_ base64: String) {
    #expect(decoded(base64) == nil)
  }

  @Test("Each pattern of leftover bits but zero is refused")
  func leftoverBits() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    for value in 0..<64 {
      #expect((decoded("A\(alphabet[value])==") != nil) == (value & 15 == 0))
      #expect((decoded("AA\(alphabet[value])=") != nil) == (value & 3 == 0))
    }
  }

  @Test("What is longer than the room is refused, and what just fits is not")
  func tooLong() {
    for (plain, base64) in Base64Tests.vectors {
      #expect(decoded(base64, capacity: plain.utf8.count) == Array(plain.utf8))
      #expect(decoded(base64, capacity: plain.utf8.count - 1) == nil)
    }
  }
}
