import MoteBytes
import MoteTestSupport
import Testing

@testable import MoteWebSocket

/// SHA-1 against FIPS 180-4's own examples.
struct SHA1Tests {
  @Test(
    "Digests",
    arguments: [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
      (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
      (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
      (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
      (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
  func digests(_ text: String, _ digest: String) {
    let message = Array(text.utf8)
    let length = message.count * 8
    let padding = [0x80] + [UInt8](repeating: 0, count: (119 - message.count % 64) % 64 + 6)
    let memory = Memory(message + padding + [UInt8(length >> 8), UInt8(length & 255)])
    #expect(memory.region.count % 64 == 0)
    sha1(memory.region)
    #expect(memory.prefix(20) == hex(digest))
  }
}
