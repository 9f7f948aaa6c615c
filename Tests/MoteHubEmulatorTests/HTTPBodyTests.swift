#if Tools

import Foundation
import MoteHubEmulator
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// Bodies that a route reads as they come.
struct HTTPBodyTests {
  /// Counts what it gets, and refuses a body when it finds a `!` in it.
  final class Reader: BodyReader {
    private(set) var pieces: [Int] = []
    private(set) var isAbandoned = false

    func take(_ bytes: ByteBuffer) throws {
      pieces.append(bytes.readableBytes)
      if bytes.readableBytesView.contains(UInt8(ascii: "!")) { throw HubError.argumentInvalid("an exclamation mark") }
    }
    func end() throws -> Answer { .response(HTTPResponse(.created, body: Array("\(pieces.reduce(0, +))".utf8))) }
    func abandon() { isAbandoned = true }
  }
  final class Readers { var list: [Reader] = [] }

  let loop = EmbeddedEventLoop()
  let readers = Readers()
  let server: HTTPServer
  let channel: EmbeddedChannel
  let put = "PUT /open/a HTTP/1.1\nHost: localhost\nContent-Length: "

  init() throws {
    var router = Router(), limits = HTTPLimits()
    limits.body = 10
    let readers = readers
    for (path, access) in [("/open/{name...}", Router.Access.everybody), ("/shut", .service)] {
      router.on(.PUT, path, access) { (_: HTTPRequest) -> any BodyReader in
        readers.list.append(Reader())
        return readers.list[readers.list.count - 1]
      }
    }
    server = HTTPServer(on: loop, router: router, names: ["localhost"], limits: limits) { _ in
      throw HubError.unauthorised("no key")
    }
    channel = EmbeddedChannel(loop: loop)
    try server.serve(channel)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func send(_ text: String) throws {
    try channel.writeInbound(ByteBuffer(string: text.replacingOccurrences(of: "\n", with: "\r\n")))
    loop.run()
  }

  /// The statuses of what was answered, and what was said at the end.
  private func answers() throws -> (statuses: [String], body: String) {
    var text = ""
    while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
    let statuses = text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { String($0.prefix(3)) }
    return (statuses, text.components(separatedBy: "\r\n\r\n").last ?? "")
  }

  @Test func itComesInPieces() throws {
    try send(put + "24\n\n")
    for _ in 0..<3 { try send("12345678") }
    #expect(readers.list[0].pieces == [8, 8, 8] && !readers.list[0].isAbandoned)
    #expect(try answers() == (["201"], "24"))
    try send("PUT /open/a//b%2Fc HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n" + put + "0\n\n")
    #expect(try answers() == (["201", "201"], "0"))
  }

  /// Before its body has come, and the connection goes on behind it.
  @Test func whoIsRefusedHearsItAtOnce() throws {
    try send("PUT /shut HTTP/1.1\nHost: localhost\nContent-Length: 100\n\n")
    #expect(try answers().statuses == ["401"])
    try send(String(repeating: "x", count: 100) + put + "2\n\nab")
    #expect(readers.list.count == 1)
    #expect(try answers() == (["201"], "2"))
  }

  /// Its connection ends when all has come that was on its way, or when that takes too long.
  @Test(arguments: [true, false]) func whoIsRefusedAndGoesIsHeardOut(isComing: Bool) throws {
    try send("PUT /shut HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: 100\n\nxx")
    #expect(try answers().statuses == ["401"])
    #expect(channel.isActive)
    if isComing { try send(String(repeating: "x", count: 98)) } else { loop.advanceTime(by: .seconds(30)) }
    #expect(!channel.isActive)
  }

  /// Whether or not its body comes is not known then.
  @Test func whoAsksForLeaveAndIsRefusedIsLetGo() throws {
    try send("PUT /shut HTTP/1.1\nHost: localhost\nExpect: 100-continue\nContent-Length: 100\n\n")
    #expect(try answers().statuses.first == "401")
    #expect(!channel.isActive)
  }

  @Test func whoAsksForLeaveGetsIt() throws {
    try send("PUT /open/a HTTP/1.1\nHost: localhost\nExpect: 100-continue\nContent-Length: 100\n\n")
    #expect(try answers().statuses == ["100"])
    try send(String(repeating: "x", count: 100))
    #expect(try answers() == (["201"], "100"))
  }

  @Test func aReaderRefusesInTheMiddle() throws {
    try send(put + "30\n\n1234567890")
    try send("!234567890")
    #expect(try answers().statuses == ["400"])
    #expect(readers.list[0].isAbandoned)
    try send("1234567890")
    #expect(readers.list[0].pieces == [10, 10] && channel.isActive)
    try send(put + "1\n\nx")
    #expect(try answers() == (["201"], "1"))
  }

  @Test func whatDoesNotComeIsAbandoned() throws {
    try send(put + "30\n\n1234567890")
    #expect(!readers.list[0].isAbandoned)
    try channel.close().wait()
    #expect(readers.list[0].isAbandoned)
  }

  /// Each 64 KiB have a minute: a byte now and then keeps no connection, and a long body that comes is not cut.
  @Test func aBodyHasTimeAsLongAsItComes() throws {
    try send(put + "1000000\n\n")
    for _ in 0..<6 where channel.isActive {
      try send("x")
      loop.advanceTime(by: .seconds(10))
    }
    #expect(!channel.isActive && readers.list[0].isAbandoned)
  }

  @Test func aLongBodyIsNotCut() throws {
    try send(put + "1000000\n\n")
    for _ in 0..<10 {
      loop.advanceTime(by: .seconds(59))
      try send(String(repeating: "x", count: 100_000))
    }
    #expect(try answers() == (["201"], "1000000"))
  }
}

#endif
