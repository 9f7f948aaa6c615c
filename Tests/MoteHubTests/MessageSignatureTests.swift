import MoteBytes
import MoteCrypto
import MoteTestSupport
import Testing

/// HMAC-SHA256 by RFC 4231, and by the vectors of protocol.md, 3.5, that no token here is made of.
struct MessageSignatureTests {
  private func signature(_ data: [UInt8], key: [UInt8]) -> [UInt8]? {
    var signature = MessageSignature(repeating: 0)
    guard signature.sign(data.span, key: key.span) else { return nil }
    return (0..<32).map { signature.bytes[$0] }
  }

  @Test(
    "RFC 4231, whole signatures",
    arguments: [
      (
        [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        Array(1...25), [UInt8](repeating: 0xCD, count: 50),
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131),
        Array(
          """
          This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
          hashed before being used by the HMAC algorithm.
          """.utf8),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
      ),
    ])
  func known(_ key: [UInt8], _ data: [UInt8], _ expected: String) {
    #expect(signature(data, key: key) == hex(expected))
  }

  @Test("RFC 4231, the truncated one")
  func truncated() {
    let signature = signature(Array("Test With Truncation".utf8), key: [UInt8](repeating: 0x0C, count: 20))
    #expect(signature.map { Array($0.prefix(16)) } == hex("a3b6167473100ee06e0c796c2955552b"))
  }

  @Test(
    "What provisioning signs",
    arguments: [
      (
        "18RQk/hOPJR9EbsJlk2j8WA6vWaj/yi+oaYg7zmxfQNdOyMSu+SJ8O7TSlZhDJCYmn4rzEiVKIzNiVAWjLxrGA==",
        "0ne00111111%2Fregistrations%2Fmy-symkey-device\n1663952627",
        "f153e9adbf0189392e544d2106a1e6fd256bcd5a5d0fc559717ba09ed75b86e5"
      ),
      (
        "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc=",
        "0ne00ABCDEF%2Fregistrations%2Fsn-007-888-abc-mac-a1-b2-c3-d4-e5-f6\n1767225600",
        "4eed96bac3a8b748808fcdde43ff9a6ca202daaac456e0152ae4e5570c6bbe96"
      ),
      (
        "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw==",
        "sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6",
        "26c9b49721a98da55854fda0dc59e69e61bd748ffda94db8c0da3291499eae67"
      ),
    ])
  func provisioning(_ key: String, _ data: String, _ expected: String) throws {
    var memory: InlineArray<64, UInt8> = .init(repeating: 0)
    var room = memory.mutableSpan
    let decoded = Array(key.utf8).span.decodeBase64(into: &room)
    let count = try #require(decoded)
    let bytes = (0..<count).map { memory[$0] }
    #expect(signature(Array(data.utf8), key: bytes) == hex(expected))
  }

  @Test("Empty keys and empty data sign too")
  func empty() {
    #expect(
      signature([], key: []) == hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
  }

  @Test("Keys on either side of a block are three different keys", arguments: 63...65)
  func block(_ count: Int) {
    let key = [UInt8](repeating: 7, count: count)
    let data: [UInt8] = [1, 2, 3]
    // RFC 2104: a key shorter than a block is one padded with zeros; a longer one is hashed.
    #expect((signature(data, key: key) == signature(data, key: key + [0])) == (count < 64))
  }

  @Test("A secret that is wiped is zero")
  func wiping() {
    var memory: InlineArray<40, UInt8> = .init(repeating: 0x5A)
    var secret = memory.mutableSpan
    wipe(&secret)
    #expect((0..<40).allSatisfy { memory[$0] == 0 })
  }
}
