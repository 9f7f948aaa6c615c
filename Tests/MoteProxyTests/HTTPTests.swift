import MoteBytes
import MoteProxy
import MoteTestSupport
import Testing

/// HTTP CONNECT (RFC 9110, 9.3.6) with Basic credentials (RFC 7617, whose example is here).
struct HTTPTests {
  private static let example =
    "CONNECT hub.example:443 HTTP/1.1\r\nHost: hub.example:443\r\n"
    + "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"

  @Test("The request, in rooms and steps of any size")
  func request() throws {
    for room in [1, 2, 5, 64, 1_000] {
      for step in [1, 3, 1_000] {
        let talk = try #require(Talk(.http, user: "Aladdin", password: "open sesame", room: room, step: step))
        #expect(String(decoding: talk.ask(), as: UTF8.self) == Self.example)
      }
    }
  }

  @Test(
    "Names, ports and credentials",
    arguments: [
      ("h", UInt16(1), "", "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"),
      ("::1", 65_535, "", "CONNECT [::1]:65535 HTTP/1.1\r\nHost: [::1]:65535\r\n\r\n"),
      ("h", 8_883, "u", "CONNECT h:8883 HTTP/1.1\r\nHost: h:8883\r\nProxy-Authorization: Basic dTo=\r\n\r\n"),
      ("h", 10_000, "us", "CONNECT h:10000 HTTP/1.1\r\nHost: h:10000\r\nProxy-Authorization: Basic dXM6\r\n\r\n"),
    ])
  func names(_ name: String, _ portNumber: UInt16, _ user: String, _ request: String) throws {
    let talk = try #require(Talk(.http, name, portNumber, user: user))
    #expect(String(decoding: talk.ask(), as: UTF8.self) == request)
  }

  @Test("Names that would be something else in a request", arguments: ["", "a b", "a\r\nb", "\u{7F}", "ü", "a\0"])
  func badNames(_ name: String) {
    #expect(Talk(.http, name) == nil)
    #expect(Talk(.socks5, name) == nil)
  }

  @Test("Lengths of names")
  func longNames() {
    #expect(Talk(.http, String(repeating: "h", count: 255)) != nil)
    #expect(Talk(.http, String(repeating: "h", count: 256)) == nil)
  }

  @Test("A user name with a colon cannot be told from its password")
  func colon() {
    #expect(Talk(.http, user: "a:b") == nil)
    #expect(Talk(.socks5, user: "a:b") != nil)
  }

  @Test(
    "Answers that open the way; what follows is the server's",
    arguments: [
      "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200\r\n\r\n", "HTTP/1.1 204 \n\n",
      "HTTP/1.1 299 x\r\nVia: 1.1 p\r\nX: \(String(repeating: "y", count: 5_000))\r\n\r\n",
    ])
  func opens(_ answer: String) throws {
    let talk = try #require(Talk(.http))
    _ = talk.ask()
    #expect(talk.answer(answer + "\u{16}\u{3}") == (2, true, 0))
  }

  @Test(
    "Answers that do not",
    arguments: [
      ("HTTP/1.1 407 Proxy Authentication Required\r\n", Failure.proxyCredentials),
      ("HTTP/1.0 401 Unauthorized\r\n", .proxyCredentials), ("HTTP/1.1 403 Filtered\r\n", .proxyForbidden),
      ("HTTP/1.1 502 Bad Gateway\r\n", .proxyUnreachable), ("HTTP/1.1 500 Unable to connect\r\n", .proxyUnreachable),
      ("HTTP/1.1 504\r\n", .proxyUnreachable), ("HTTP/1.1 404 Not Found\r\n", .proxyRefused),
      ("HTTP/1.1 301 Moved\r\n", .proxyRefused), ("HTTP/1.1 100 Continue\r\n", .proxyRefused),
      ("HTTP/1.1 199 x\r\n", .proxyRefused), ("HTTP/1.1 600 x\r\n", .proxyRefused),
      ("HTTP/1.1 099 x\r\n", .proxyAnswer),
      ("HTTP/2.0 200 x\r\n", .proxyAnswer), ("HTTP/1.x 200 x\r\n", .proxyAnswer), ("HTTP/1.1 2x0 x\r\n", .proxyAnswer),
      ("HTTP/1.1  200 x\r\n", .proxyAnswer), ("HTTP/1.1 20\r\n", .proxyAnswer), ("\r\n", .proxyAnswer),
      ("http/1.1 200\r\n", .proxyAnswer), ("SSH-2.0-x\r\n", .proxyAnswer), ("\u{5}\u{0}", .proxyAnswer),
      ("HTTP/1.1 200 x\r\nX: \(String(repeating: "y", count: 8_200))", .proxyAnswer),
    ])
  func refused(_ answer: String, _ failure: Failure) throws {
    let talk = try #require(Talk(.http))
    _ = talk.ask()
    #expect(talk.answer(answer).failure == failure.code)
  }

  @Test("An answer that has not ended is waited for, and the next connection begins anew")
  func again() throws {
    let talk = try #require(Talk(.http))
    let request = talk.ask()
    #expect(talk.answer("HTTP/1.1 200 x\r\n") == (0, false, 0))
    let target = Memory(Array("hub.example".utf8))
    let isStarted = talk.proxy.start(target.region, portNumber: 443)
    #expect(isStarted)
    #expect(talk.ask() == request)
    #expect(talk.answer("\r\n").failure == Failure.proxyAnswer.code)
  }
}
