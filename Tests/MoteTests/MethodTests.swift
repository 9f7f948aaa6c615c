import CMote
import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

@testable import Mote

/// Direct methods (protocol.md, 8 and 25), without a transport.
struct MethodTests {
  private static func topic(_ name: String, _ identifier: String = "1") -> String {
    "$iothub/methods/POST/\(name)/?$rid=\(identifier)"
  }

  @Test("SUBSCRIBE, byte for byte")
  func subscribe() throws {
    let client = try Attached(calls: 2)
    #expect(
      try client.open()
        == hex("82 1b 00 01 00 16 24 69 6f 74 68 75 62 2f 6d 65 74 68 6f 64 73 2f 50 4f 53 54 2f 23 00"))
  }

  @Test("A response, byte for byte")
  func vector() throws {
    let client = try Attached(calls: 2)
    try client.open()
    let call = try client.hear(Self.topic("reboot", "7"), Array("{}".utf8))
    #expect(call == Heard(kind: .method, payload: Array("{}".utf8), total: 2, token: 1))
    #expect(client.names == ["reboot", ""])
    #expect(client.respond(1, 200, "{}") == 0)
    #expect(
      client.rig.drain()
        == hex(
          """
          30 23 00 1f 24 69 6f 74 68 75 62 2f 6d 65 74 68 6f 64 73 2f 72 65 73 2f 32 30 30 2f 3f 24 72 69 64 3d 37
          7b 7d
          """))
    #expect(client.respond(1) == MOTE_ERROR_STATE)
  }

  @Test(
    "Names are decoded; a component stands before `*`",
    arguments: [
      ("reboot", "reboot", ""), ("thermostat1*getMaxMin", "getMaxMin", "thermostat1"),
      ("thermostat1%2AgetMaxMin", "getMaxMin", "thermostat1"), ("%72e%62oot", "reboot", ""), ("a%2fb", "a/b", ""),
      ("a*b*c", "b*c", "a"), ("*b", "b", ""), ("a*", "", "a"), ("a+b", "a+b", ""), ("%00", "\0", ""),
    ])
  func names(_ encoded: String, _ name: String, _ component: String) throws {
    let client = try Attached(calls: 1)
    try client.open()
    #expect(try client.hear(Self.topic(encoded)).kind == .method)
    #expect(client.names == [name, component])
  }

  @Test(
    "A request identifier comes back as it came",
    arguments: ["1", "1f", "a%2Fb", "%zz", "$rid=", "=", String(repeating: "x", count: 37)])
  func identifiers(_ identifier: String) throws {
    let client = try Attached(calls: 1)
    try client.open()
    #expect(try client.hear(Self.topic("m", identifier)).kind == .method)
    #expect(client.respond(1, 404, "null") == 0)
    #expect(client.published() == ["$iothub/methods/res/404/?$rid=\(identifier) null"])
  }

  @Test("Several at once, answered in any order; the one beyond them is answered at once")
  func several() throws {
    let client = try Attached(calls: 2)
    try client.open()
    #expect(try client.hear(Self.topic("a", "A")).token == 1)
    #expect(try client.hear(Self.topic("b", "B")).token == 2)
    client.rig.feed(publish(Self.topic("c", "C"), [1, 2, 3]))
    // Of the call beyond, and of its payload, nothing is told.
    let refused = try client.whileTelling { client.published() }
    #expect(refused == ["$iothub/methods/res/503/?$rid=C "])
    #expect(client.respond(2, 0) == 0)
    #expect(try client.hear(Self.topic("d", "D")).token == 3)
    #expect(client.respond(1, 4_294_967_295, "1") == 0)
    #expect(client.respond(3) == 0)
    #expect(
      client.published() == [
        "$iothub/methods/res/0/?$rid=B ", "$iothub/methods/res/4294967295/?$rid=A 1",
        "$iothub/methods/res/200/?$rid=D ",
      ])
  }

  @Test("A request identifier that is too long is refused at once")
  func longIdentifier() throws {
    let client = try Attached(calls: 1)
    try client.open()
    let identifier = String(repeating: "x", count: 38)
    client.rig.feed(publish(Self.topic("a", identifier), []))
    let refused = try client.whileTelling { client.published() }
    #expect(refused == ["$iothub/methods/res/503/?$rid=\(identifier) "])
  }

  @Test("A payload comes in pieces, the name with the first")
  func pieces() throws {
    let client = try Attached(calls: 1, receiving: 256)
    try client.open()
    let bytes = publish(Self.topic("m"), [UInt8](repeating: 7, count: 400))
    client.rig.feed(Array(bytes.prefix(200)))
    let first = try #require(client.rig.hear())
    #expect(first.kind == .method && first.token == 1 && first.total == 400 && first.offset == 0)
    #expect(client.names == ["m", ""])
    client.rig.feed(Array(bytes.dropFirst(200)))
    let second = try #require(client.rig.hear())
    #expect(second.kind == .method && second.token == 1 && second.offset == first.payload.count)
    #expect(second.offset + second.payload.count == 400 && client.names == ["", ""])
    // What comes in pieces after a method is no method.
    let message = publish("devices/d/messages/devicebound/", [UInt8](repeating: 1, count: 300))
    client.rig.feed(Array(message.prefix(200)))
    #expect(client.rig.hear()?.kind == .message)
    client.rig.feed(Array(message.dropFirst(200)))
    #expect(client.rig.hear()?.kind == .message)
  }

  @Test(
    "A malformed topic is skipped, and the connection goes on",
    arguments: [
      "$iothub/methods/POST/", "$iothub/methods/POST/m", "$iothub/methods/POST/m/", "$iothub/methods/POST/m/?",
      "$iothub/methods/POST/m/?$rid", "$iothub/methods/POST/m/?$rid=", "$iothub/methods/POST/m/$rid=1",
      "$iothub/methods/POST/m/?rid=1", "$iothub/methods/POST//?$rid=1", "$iothub/methods/POST/%/?$rid=1",
      "$iothub/methods/POST/%4/?$rid=1", "$iothub/methods/POST/%zz/?$rid=1", "$iothub/methods/POST?$rid=1",
      "$iothub/methods/POST/?$rid=1", "$iothub/methods/POST/m?$rid=1/", "$iothub/methods/",
      "$iothub/methods/res/200/?$rid=1", "$", "/", "?$rid=1",
    ])
  func malformed(_ topic: String) throws {
    let client = try Attached(calls: 1)
    try client.open()
    #expect(try client.hear(topic, [1]).kind == .skipped)
    #expect(client.published() == [])
    #expect(try client.hear(Self.topic("m")).kind == .method)
  }

  @Test("With a full outbox a response waits; a call that cannot be refused then is told as skipped")
  func full() throws {
    let client = try Attached(calls: 1)
    try client.open()
    #expect(try client.hear(Self.topic("a", "A")).token == 1)
    while (try? client.rig.send([UInt8](repeating: 0, count: 20))) != nil {}
    #expect(client.respond(1) == MOTE_ERROR_OUTBOX_FULL)
    #expect(try client.hear(Self.topic("b", "B")).kind == .skipped)
    _ = client.rig.drain()
    client.rig.feed([0x40, 2, 0, 2, 0x40, 2, 0, 3, 0x40, 2, 0, 4, 0x40, 2, 0, 5])
    for _ in 0..<4 { #expect(client.rig.hear()?.kind == .sent) }
    #expect(client.respond(1, 200, String(repeating: "x", count: 600)) == MOTE_ERROR_TOO_LARGE)
    #expect(client.respond(1) == 0)
  }

  @Test(
    "A connection that ends takes its calls along: an answer is late, and what has not left does not leave any more")
  func ended() throws {
    let client = try Attached(calls: 2)
    #expect(client.respond(1) == MOTE_ERROR_STATE)
    try client.open()
    #expect(try client.hear(Self.topic("a", "A")).token == 1)
    #expect(try client.hear(Self.topic("b", "B")).token == 2)
    #expect(client.respond(1) == 0)
    let message = try client.rig.send([9])
    client.rig.client.end(MOTE_ERROR_CLOSED, now: client.rig.now)
    #expect(client.rig.poll()?.kind == .disconnected)
    #expect([1, 2, 3].map { client.respond($0) } == [MOTE_ERROR_LATE, MOTE_ERROR_LATE, MOTE_ERROR_STATE])
    client.rig.client.step = .idle
    let subscribe = try client.open()
    #expect(Attached.messages(subscribe).count == 2)
    #expect(subscribe.suffix(3) == [0, UInt8(message), 9])
    #expect(client.respond(2) == MOTE_ERROR_LATE)
    #expect(try client.hear(Self.topic("c", "C")).token == 3)
    #expect(client.respond(3) == 0)
    #expect(client.published() == ["$iothub/methods/res/200/?$rid=C "])
  }

  @Test("A call whose payload a lost connection cuts off is told as aborted")
  func aborted() throws {
    let client = try Attached(calls: 1, receiving: 256)
    try client.open()
    client.rig.feed(Array(publish(Self.topic("m"), [UInt8](repeating: 7, count: 400)).prefix(200)))
    #expect(client.rig.hear()?.kind == .method)
    client.rig.client.end(MOTE_ERROR_CLOSED, now: client.rig.now)
    #expect(client.rig.poll()?.kind == .disconnected)
    #expect(client.rig.poll()?.kind == .aborted)
  }

  @Test("A refused subscription ends the connection")
  func refused() throws {
    let client = try Attached(calls: 1)
    try client.rig.open()
    let bytes = try client.whileTelling { client.rig.drain() }
    client.rig.feed([0x90, 3] + bytes[2..<4] + [0x80])
    #expect(client.rig.poll() == .ended(.subscribe, MOTE_ERROR_SUBSCRIPTION_REFUSED, at: 5_000))
  }

  @Test("Methods are attached once, and before connecting")
  func once() throws {
    let client = try Attached(calls: 1)
    #expect(throws: Failure.state) { try client.useMethods() }
    let late = try Attached()
    try late.rig.open()
    #expect(throws: Failure.state) { try late.useMethods() }
  }

  @Test("Without methods nobody is there to respond")
  func none() throws {
    #expect(try Attached().respond(1) == MOTE_ERROR_STATE)
  }
}
