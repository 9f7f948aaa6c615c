import MoteBytes
import MoteProxy
import MoteTestSupport
import Testing

/// SOCKS5 (RFC 1928), with user name and password (RFC 1929).
struct SOCKSTests {
  private static let request = hex("05 01 00 03 0b 6875622e6578616d706c65 01bb")

  @Test("Without credentials, in rooms and steps of any size")
  func plain() throws {
    for (room, step) in [(64, 64), (1, 1), (3, 2), (64, 1)] {
      let talk = try #require(Talk(.socks5, room: room, step: step))
      #expect(talk.ask() == hex("05 01 00"))
      #expect(talk.answer(hex("05 00")) == (0, false, 0))
      #expect(talk.ask() == Self.request)
      #expect(talk.answer(hex("05 00 00 01 7f000001 0438 1603")) == (2, true, 0))
    }
  }

  @Test("With credentials")
  func credentials() throws {
    let talk = try #require(Talk(.socks5, user: "Aladdin", password: "open sesame"))
    #expect(talk.ask() == hex("05 02 00 02"))
    #expect(talk.answer(hex("05 02")) == (0, false, 0))
    #expect(talk.ask() == hex("01 07") + Array("Aladdin".utf8) + hex("0b") + Array("open sesame".utf8))
    #expect(talk.answer(hex("01 00")) == (0, false, 0))
    #expect(talk.ask() == Self.request)
    #expect(talk.answer(hex("05 00 00 01 00000000 0000")) == (0, true, 0))
  }

  @Test("With credentials that nobody asks for")
  func notAsked() throws {
    let talk = try #require(Talk(.socks5, user: "u"))
    _ = talk.ask()
    #expect(talk.answer(hex("05 00")) == (0, false, 0))
    #expect(talk.ask() == Self.request)
  }

  @Test("The longest credentials")
  func longest() throws {
    let text = String(repeating: "x", count: 255)
    let talk = try #require(Talk(.socks5, user: text, password: text))
    _ = talk.ask()
    _ = talk.answer(hex("05 02"))
    #expect(talk.ask().count == 513)
    #expect(Talk(.socks5, user: text + "x") == nil)
    #expect(Talk(.socks5, user: "u", password: text + "x") == nil)
  }

  @Test(
    "Addresses that the proxy has taken, of each kind",
    arguments: ["01 7f000001", "04 00000000000000000000000000000001", "03 00", "03 03 616263", "03 01 61"])
  func addresses(_ address: String) throws {
    let talk = try #require(Talk(.socks5))
    _ = talk.ask()
    _ = talk.answer(hex("05 00"))
    _ = talk.ask()
    #expect(talk.answer(hex("05 00 00") + hex(address) + hex("01bb 16")) == (1, true, 0))
  }

  @Test(
    "Methods that are refused",
    arguments: [
      ("05 ff", Failure.proxyCredentials), ("05 01", .proxyAnswer), ("05 02", .proxyAnswer), ("04 00", .proxyAnswer),
    ])
  func methods(_ answer: String, _ failure: Failure) throws {
    let talk = try #require(Talk(.socks5))
    _ = talk.ask()
    #expect(talk.answer(hex(answer)).failure == failure.code)
  }

  @Test(
    "Credentials that are refused",
    arguments: [("01 01", Failure.proxyCredentials), ("01 ff", .proxyCredentials), ("05 00", .proxyAnswer)])
  func badCredentials(_ answer: String, _ failure: Failure) throws {
    let talk = try #require(Talk(.socks5, user: "u", password: "p"))
    _ = talk.ask()
    _ = talk.answer(hex("05 02"))
    _ = talk.ask()
    #expect(talk.answer(hex(answer)).failure == failure.code)
  }

  @Test(
    "Requests that are refused",
    arguments: [
      ("05 01", Failure.proxyRefused), ("05 02", .proxyForbidden), ("05 03", .proxyUnreachable),
      ("05 04", .proxyUnreachable),
      ("05 05", .proxyUnreachable), ("05 06", .proxyUnreachable), ("05 07", .proxyRefused), ("05 08", .proxyRefused),
      ("05 ff", .proxyRefused), ("04 00", .proxyAnswer), ("05 00 00 02", .proxyAnswer), ("05 00 00 00", .proxyAnswer),
    ])
  func requests(_ answer: String, _ failure: Failure) throws {
    let talk = try #require(Talk(.socks5))
    _ = talk.ask()
    _ = talk.answer(hex("05 00"))
    _ = talk.ask()
    #expect(talk.answer(hex(answer)).failure == failure.code)
  }
}
