import CMote
import Mote
import MoteTestSupport
import Testing

/// The TLS handshake, as far as it goes without a server.
struct HandshakeTests {
  @Test("A server that says nothing times out; until then there is something to read")
  func silent() throws {
    let rig = try Rig()
    try rig.shakeHands()
    #expect(rig.event.waitsToRead && !rig.event.waitsToWrite)
    #expect(rig.event.deadline == 35_000)
    #expect(rig.run() == [.ended(.handshake, MOTE_ERROR_TIMED_OUT, at: 35_000)])
    #expect(rig.port.take().last == .close)
  }

  @Test("The greeting names the host")
  func serverName() throws {
    let rig = try Rig()
    try rig.shakeHands()
    #expect(rig.port.sent.prefix(2) == [0x16, 0x03])
    #expect(String(decoding: rig.port.sent, as: UTF8.self).contains("hub.example"))
  }

  @Test("A transport that takes nothing is waited for, then times out")
  func blocked() throws {
    let rig = try Rig()
    rig.port.sends = { _ in 0 }
    try rig.shakeHands()
    #expect(rig.event.waitsToWrite)
    #expect(rig.run().map(\.status) == [MOTE_ERROR_TIMED_OUT])
  }

  @Test("A transport that takes a byte at a time gets the same greeting")
  func dribble() throws {
    let rig = try Rig()
    rig.port.sends = { _ in 1 }
    try rig.shakeHands()
    let sent = rig.port.sent
    #expect(sent.count > 100 && sent.count == 5 + Int(sent[3]) * 256 + Int(sent[4]))
  }

  @Test("A peer that closes", arguments: [[], [0x16], [0x16, 3, 3, 0, 40, 2, 0]] as [[UInt8]])
  func closed(_ before: [UInt8]) throws {
    let rig = try Rig()
    let feed = Feed(before, step: 1, end: MOTE_ERROR_CLOSED)
    rig.port.receives = feed.give
    try rig.port.resolvesAndConnects(rig)
    #expect(rig.run() == [.ended(.handshake, MOTE_ERROR_CLOSED, at: 5_000)])
  }

  @Test("What the port says is told", arguments: [MOTE_ERROR_RESET, MOTE_ERROR_NETWORK, MOTE_ERROR_UNREACHABLE])
  func port(_ status: Int32) throws {
    for isSending in [true, false] {
      let rig = try Rig()
      if isSending { rig.port.sends = { _ in status } } else { rig.port.receives = { _ in (status, []) } }
      try rig.port.resolvesAndConnects(rig)
      #expect(rig.run() == [.ended(.handshake, status, at: 5_000)])
      #expect(rig.client.lastError.libraryCode != 0)
    }
  }

  @Test(
    "Alerts, and what is no TLS",
    arguments: [
      ([0x15, 3, 3, 0, 2, 2, 40], MOTE_ERROR_TLS_VERSION), ([0x15, 3, 3, 0, 2, 2, 70], MOTE_ERROR_TLS_VERSION),
      ([0x15, 3, 3, 0, 2, 2, 80], MOTE_ERROR_TLS_ALERT),
      (Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), MOTE_ERROR_TLS),
      ([0x16, 3, 3, 0xFF, 0xFF], MOTE_ERROR_TLS_RECORD_SIZE),
    ] as [([UInt8], Int32)])
  func alert(_ bytes: [UInt8], _ status: Int32) throws {
    for step in [1, 3, Int.max] {
      let rig = try Rig()
      rig.port.receives = Feed(bytes, step: step, end: 0).give
      try rig.port.resolvesAndConnects(rig)
      #expect(rig.run() == [.ended(.handshake, status, at: 5_000)])
    }
  }

  @Test("Random bytes end in an error, and never in a connection", arguments: UInt64(1)...40)
  func garbage(_ seed: UInt64) throws {
    var random = Generator(state: seed)
    var bytes: [UInt8] = []
    for _ in 0..<6 {
      let body = (0..<Int.random(in: 0...90, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random)
      }
      bytes += [[0x14, 0x15, 0x16, 0x17][Int.random(in: 0..<4, using: &random)], 3, 3, 0, UInt8(body.count)] + body
    }
    let rig = try Rig()
    rig.port.receives = Feed(bytes, step: Int.random(in: 1...200, using: &random)).give
    try rig.port.resolvesAndConnects(rig)
    let told = rig.run()
    #expect(told.count == 1)
    #expect(told.first?.kind == .disconnected && told.first?.step == .handshake && (told.first?.status ?? 0) < 0)
    // And another connection begins.
    rig.port.receives = { _ in (0, []) }
    try rig.shakeHands()
  }
}

extension FakePort {
  /// One address, which answers at once; and the client sets out.
  func resolvesAndConnects(_ rig: Rig) throws {
    resolves = { 1 }
    connects = { _ in 1 }
    try rig.connect()
  }
}
