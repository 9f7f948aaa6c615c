import MoteBytes
import MoteTestSupport
import MoteWebSocket
import Testing

/// The opening handshake (RFC 6455, 4), with the key of 1.3.
struct HandshakeTests {
  /// The nonce `the sample nonce`, as the random numbers that it comes of.
  private static let nonce: [UInt32] = [0x2065_6874, 0x706D_6173, 0x6E20_656C, 0x6563_6E6F]
  private static let request =
    "GET /$iothub/websocket HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n"
    + "Upgrade: websocket\r\nConnection: Upgrade\r\nHost: hub.example:443\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  private static let good =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"

  private func asked(host: String = "hub.example", _ portNumber: UInt16 = 443) -> Line {
    let line = Line()
    line.keys = Self.nonce
    line.start()
    #expect(line.ask(host, portNumber))
    return line
  }

  @Test("The request, whole")
  func request() { #expect(String(decoding: asked().left, as: UTF8.self) == Self.request) }

  @Test(
    "Host and port", arguments: [("localhost", UInt16(8443)), (String(repeating: "h", count: 253), UInt16(65_535))])
  func host(_ host: String, _ portNumber: UInt16) {
    let text = String(decoding: asked(host: host, portNumber).left, as: UTF8.self)
    #expect(text.contains("\r\nHost: \(host):\(portNumber)\r\n"))
  }

  @Test("The request leaves in pieces of any size, and nothing of it twice", arguments: [1, 2, 7, 30, 136])
  func pieces(_ size: Int) {
    let line = Line()
    line.keys = Self.nonce
    line.start()
    var isBlocked = false
    line.takes = { count in
      isBlocked.toggle()
      return isBlocked ? 0 : min(count, size)
    }
    var calls = 0
    while !line.ask() { calls += 1 }
    #expect(calls > 2)
    #expect(String(decoding: line.left, as: UTF8.self) == Self.request)
  }

  @Test(
    "Answers that open it",
    arguments: [
      good,
      "HTTP/1.1 101\nupgrade:WebSocket\nCONNECTION:\tkeep-alive , upgrade\n"
        + "sec-websocket-accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t\n\n",
      "HTTP/1.1 101 \r\nServer: \(String(repeating: "s", count: 3_000))\r\nUpgrade: websocket\r\nUpgrade: other\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Protocol: MQTT\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ])
  func opens(_ answer: String) {
    // What follows the answer is no part of it.
    #expect(asked().answer(answer + "\u{2}abc") == (answer.utf8.count, true, 0))
  }

  @Test("An answer that ends early opens nothing")
  func incomplete() {
    let line = asked()
    #expect(
      line.answer(String(decoding: Self.good.utf8.dropLast(), as: UTF8.self)) == (Self.good.utf8.count - 1, false, 0))
    #expect(line.socket.status == 101)
    #expect(line.answer("\n").isOpen)
  }

  private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
  @Test(
    "Answers that are refused",
    arguments: [
      ("HTTP/1.1 404 Not Found\r\n\r\n", Failure.webSocketRefused, UInt16(404)),
      ("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", .webSocketRefused, 301),
      ("HTTP/1.1 200 OK\r\n\r\n", .webSocketRefused, 200), ("HTTP/1.1 503\r\n\r\n", .webSocketRefused, 503),
      ("HTTP/1.0 404 Old\r\n", .webSocketRefused, 404), ("HTTP/1.0 101 Old\r\n", .webSocketAnswer, 101),
      ("HTTP/1.1\r\n", .webSocketAnswer, 0),
      ("HTTP/1.1 99 Short\r\n", .webSocketAnswer, 0), ("HTTP/1.1 1x1 Odd\r\n", .webSocketAnswer, 0),
      ("HTTP/1.1 099 Low\r\n", .webSocketAnswer, 0), ("SSH-2.0-OpenSSH_9.2\r\n", .webSocketAnswer, 0),
      ("\r\n", .webSocketAnswer, 0), (" 2\u{2}\u{0}\n", .webSocketAnswer, 0),
      ("HTTP/1.1 101 Ok\r\n" + String(repeating: "X: y\r\n", count: 700), .webSocketAnswer, 101),
      ("HTTP/1.1 101 Ok\r\nX: " + String(repeating: "y", count: 4_100), .webSocketAnswer, 101),
      ("HTTP/1.1 101 Ok\r\n\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nConnection: Upgrade\r\n\(accept)\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\n\(accept)\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nUpgrade: websockets\r\nConnection: Upgrade\r\n\(accept)\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: close\r\n\(accept)\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nSec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nSec-WebSocket-Accept:\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\n\(accept)Sec-WebSocket-Accept: x\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nSec-WebSocket-Protocol: amqp\r\n", .webSocketAccept, 101),
      ("HTTP/1.1 101 Ok\r\nSec-WebSocket-Extensions: permessage-deflate\r\n", .webSocketAccept, 101),
    ])
  func refuses(_ answer: String, _ failure: Failure, _ status: UInt16) {
    let line = asked()
    #expect(line.answer(answer).failure == failure.code)
    #expect(line.socket.status == status)
  }

  @Test("Another connection has another key, and the old answer does not open it")
  func again() {
    let line = asked()
    #expect(line.answer(Self.good).isOpen)
    line.keys = [1, 2, 3, 4]
    line.start()
    #expect(line.ask())
    #expect(line.answer(Self.good).failure == Failure.webSocketAccept.code)
  }
}
