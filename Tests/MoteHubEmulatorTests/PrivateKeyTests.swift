#if Tools

import MoteHubEmulator
import Testing

struct PrivateKeyTests {
  @Test func eachKeyIsNew() throws {
    let first = try #require(PrivateKey()), second = try #require(PrivateKey())
    #expect(String(decoding: first.pem, as: UTF8.self).hasPrefix("-----BEGIN EC PRIVATE KEY-----\n"))
    #expect(first.pem != second.pem)
  }
}

#endif
