import CMote
import MoteBytes
import MoteC
import MoteHub
import MoteTestSupport
import MoteTransport
import Testing

@testable import Mote

/// A client by way of a proxy, over a port that says what a proxy would.
@safe final class Behind {
  let rig: Rig
  let below = FakePort()
  private let host = Memory(Array("proxy.example".utf8))
  private let proxy: UnsafeMutablePointer<mote_proxy>
  private let status: Int32

  init(_ kind: Int32 = MOTE_PROXY_HTTP, size: Int = MemoryLayout<mote_proxy>.size, port: UInt32 = 3_128) throws {
    unsafe proxy = .allocate(capacity: 1)
    var options = unsafe mote_proxy_options()
    unsafe options.size = MemoryLayout<mote_proxy_options>.size
    unsafe options.port = below.pointer
    unsafe options.host = UnsafeRawPointer(host.region.pointer).assumingMemoryBound(to: CChar.self)
    unsafe options.host_length = host.region.count
    unsafe options.port_number = port
    unsafe options.kind = kind
    status = unsafe mote_proxy_init(proxy, size, &options)
    try #require(status == MOTE_OK)
    rig = try Rig(port: unsafe Port(mote_proxy_port(proxy)))
  }

  deinit { unsafe proxy.deallocate() }

  static func status(_ kind: Int32, _ size: Int, _ port: UInt32) -> Int32 {
    let below = FakePort()
    let host = Memory(Array("proxy.example".utf8))
    return unsafe withUnsafeTemporaryAllocation(of: mote_proxy.self, capacity: 1) { proxy in
      var options = unsafe mote_proxy_options()
      unsafe options.size = MemoryLayout<mote_proxy_options>.size
      unsafe options.port = below.pointer
      unsafe options.host = UnsafeRawPointer(host.region.pointer).assumingMemoryBound(to: CChar.self)
      unsafe options.host_length = host.region.count
      unsafe options.port_number = port
      unsafe options.kind = kind
      return unsafe mote_proxy_init(proxy.baseAddress, size, &options)
    }
  }
}

struct ProxyTests {
  @Test("What cannot be is refused")
  func refused() {
    let size = MemoryLayout<mote_proxy>.size
    #expect(Behind.status(MOTE_PROXY_SOCKS5, size, 0) == MOTE_OK)
    #expect(Behind.status(MOTE_PROXY_HTTP, size - 8, 0) == MOTE_ERROR_SIZE)
    #expect(Behind.status(2, size, 0) == MOTE_ERROR_ARGUMENT)
    #expect(Behind.status(-1, size, 0) == MOTE_ERROR_ARGUMENT)
    #expect(Behind.status(MOTE_PROXY_HTTP, size, 65_536) == MOTE_ERROR_ARGUMENT)
    let status = mote_proxy_init(nil, size, nil)
    let hasPort = unsafe mote_proxy_port(nil) != nil
    #expect(status == MOTE_ERROR_ARGUMENT && !hasPort)
  }

  @Test("The proxy is looked up and connected to, the request leaves, and TLS begins after its answer, not before")
  func opens() throws {
    let behind = try Behind()
    let (rig, port) = (behind.rig, behind.below)
    port.resolves = { 2 }
    port.connects = { _ in 1 }
    try rig.connect()
    #expect(rig.settle() == [])
    #expect(port.take().prefix(3) == [.resolve("proxy.example"), .connect(0, 3_128), .send(61)])
    let request = "CONNECT hub.example:8883 HTTP/1.1\r\nHost: hub.example:8883\r\n\r\n"
    #expect(String(decoding: port.sent, as: UTF8.self) == request)
    // It waits for the answer, and for nothing else.
    #expect(rig.event.waitsToRead && !rig.event.waitsToWrite && rig.step == .connect)
    let feed = Feed(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
    port.receives = feed.give
    #expect(rig.settle() == [])
    #expect(rig.step == .handshake)
    // A ClientHello.
    #expect(port.sent.dropFirst(request.utf8.count).first == 0x16)
  }

  @Test(
    "A refusal is told as such, for each of the proxy's addresses, and waits long",
    arguments: [
      ("HTTP/1.1 407 Who?\r\n", MOTE_ERROR_PROXY_CREDENTIALS), ("HTTP/1.1 403 No\r\n", MOTE_ERROR_PROXY_FORBIDDEN),
      ("HTTP/1.1 502 Gone\r\n", MOTE_ERROR_PROXY_UNREACHABLE), ("HTTP/1.1 404 What\r\n", MOTE_ERROR_PROXY_REFUSED),
      ("nothing\r\n", MOTE_ERROR_PROXY_ANSWER), ("", MOTE_ERROR_PROXY_ANSWER),
    ])
  func refusals(_ answer: String, _ status: Int32) throws {
    let behind = try Behind()
    let (rig, port) = (behind.rig, behind.below)
    port.resolves = { 2 }
    var feed = Feed([])
    port.connects = { _ in
      feed = Feed(Array(answer.utf8), end: MOTE_ERROR_CLOSED)
      return 1
    }
    port.receives = { feed.give($0) }
    try rig.connect()
    #expect(rig.settle(untilEnd: true) == [.ended(.connect, status, at: rig.now)])
    let calls = port.take()
    #expect(calls.contains(.connect(0, 3_128)) && calls.contains(.connect(1, 3_128)))
    let isSlow = status == MOTE_ERROR_PROXY_CREDENTIALS || status == MOTE_ERROR_PROXY_FORBIDDEN
    #expect((rig.event.deadline - rig.now >= 300_000) == isSlow)
  }

  @Test("A proxy that cannot be found or reached is told apart from a hub")
  func unreachable() throws {
    var behind = try Behind()
    behind.below.resolves = { MOTE_ERROR_NAME_NOT_FOUND }
    try behind.rig.connect()
    #expect(behind.rig.settle(untilEnd: true) == [.ended(.resolve, MOTE_ERROR_PROXY_NAME, at: behind.rig.now)])
    behind = try Behind()
    behind.below.resolves = { 1 }
    behind.below.connects = { _ in MOTE_ERROR_REFUSED }
    try behind.rig.connect()
    #expect(behind.rig.settle(untilEnd: true) == [.ended(.connect, MOTE_ERROR_PROXY_CONNECT, at: behind.rig.now)])
  }

  @Test("SOCKS5 over a line that takes and gives a byte at a time")
  func slowly() throws {
    let behind = try Behind(MOTE_PROXY_SOCKS5, port: 0)
    let (rig, port) = (behind.rig, behind.below)
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    port.sends = { _ in 1 }
    let answers = [3: hex("05 00"), 21: hex("05 00 00 01 7f000001 1234")]
    var feed = Feed([])
    var answered = 0
    port.receives = { capacity in
      if let answer = answers[port.sent.count], port.sent.count > answered {
        answered = port.sent.count
        feed = Feed(answer, step: 1)
      }
      return feed.give(capacity)
    }
    try rig.connect()
    #expect(rig.settle() == [])
    #expect(Array(port.sent.prefix(21)) == hex("05 01 00 05 01 00 03 0b 6875622e6578616d706c65 22b3"))
    #expect(rig.step == .handshake)
    #expect(port.take().contains(.connect(0, 1_080)))
  }
}
