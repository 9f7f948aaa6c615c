import CMote
import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

@testable import Mote

/// The twin (protocol.md, 9 and 25), without a transport.
struct TwinTests {
  private static let get = "$iothub/twin/GET/?$rid="
  private static let desired = "$iothub/twin/PATCH/properties/desired/?$version="

  private static func answer(_ status: Int, _ identifier: Int, _ rest: String = "") -> String {
    "$iothub/twin/res/\(status)/?$rid=\(identifier)\(rest)"
  }

  private static func document(_ version: Int) -> [UInt8] {
    Array(#"{"desired":{"a":1,"$version":\#(version)},"reported":{"$version":9}}"#.utf8)
  }

  /// A client that is subscribed, and has asked for the document.
  private func asking(_ options: Twin.Options = .init(), receiving: Int = 512) throws -> Attached {
    let client = try Attached(twin: options, receiving: receiving)
    try client.open()
    return client
  }

  /// A client that was told of a document.
  private func known(_ version: Int = 3) throws -> Attached {
    let client = try asking()
    #expect(try client.polledPublished() == [Self.get + "1 "])
    #expect(try client.hear(Self.answer(200, 1), Self.document(version)).kind == .twin)
    #expect(client.rig.event.version == version)
    return client
  }

  /// Feeds messages of which nothing is told, and then one of which something is.
  private func pass(_ client: Attached, _ messages: [(String, [UInt8])]) throws {
    for (topic, payload) in messages {
      client.rig.feed(publish(topic, payload))
      try client.whileTelling {}
    }
  }

  @Test("SUBSCRIBE, GET and PATCH, byte for byte")
  func vectors() throws {
    let client = try Attached(calls: 1, twin: .init())
    let filters = [
      "$iothub/methods/POST/#", "$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#",
    ]
    let bytes = try client.open()
    var expected: [UInt8] = [0x82, 0x5A, 0, 1]
    for filter in filters { expected += [0, UInt8(filter.utf8.count)] + Array(filter.utf8) + [0] }
    #expect(bytes == expected)
    #expect(bytes.count == 92)
    let patch = Memory(Array(#"{"a":1}"#.utf8))
    try client.rig.client.report(patch.region)
    try client.whileTelling {}
    #expect(
      client.rig.drain()
        == hex(
          """
          30 1a 00 18 24 69 6f 74 68 75 62 2f 74 77 69 6e 2f 47 45 54 2f 3f 24 72 69 64 3d 31
          30 37 00 2e 24 69 6f 74 68 75 62 2f 74 77 69 6e 2f 50 41 54 43 48 2f 70 72 6f 70 65 72 74 69 65 73 2f 72 65 70
          6f 72 74 65 64 2f 3f 24 72 69 64 3d 32 7b 22 61 22 3a 31 7d
          """))
    #expect(try client.hear(Self.answer(204, 2, "&$version=8")).kind == .reported)
    #expect(client.rig.event.status == 204 && client.rig.event.version == 8)
  }

  @Test("The document is told with its version, and then what follows on it; what is older is dropped")
  func follows() throws {
    let client = try known(3)
    for version in [2, 3, 1] { try pass(client, [(Self.desired + "\(version)", [1])]) }
    #expect(
      try client.hear(Self.desired + "4", Array(#"{"b":null,"$version":4}"#.utf8))
        == Heard(kind: .desired, payload: Array(#"{"b":null,"$version":4}"#.utf8), total: 23))
    #expect(client.rig.event.version == 4)
    try pass(client, [(Self.desired + "4", [1])])
    #expect(try client.hear(Self.desired + "5", [1]).kind == .desired)
    #expect(client.published() == [])
  }

  @Test("After a gap the document is asked for again; what was told meanwhile is in it, or asked for once more")
  func gap() throws {
    let client = try known(3)
    try pass(client, [(Self.desired + "5", [1])])
    #expect(try client.polledPublished() == [Self.get + "2 "])
    try pass(client, [(Self.desired + "7", [1])])
    #expect(try client.polledPublished() == [])
    #expect(try client.hear(Self.answer(200, 2), Self.document(6)).kind == .twin)
    #expect(client.rig.event.version == 6)
    #expect(try client.polledPublished() == [Self.get + "3 "])
    #expect(try client.hear(Self.answer(200, 3), Self.document(7)).kind == .twin)
    #expect(try client.polledPublished() == [])
    #expect(try client.hear(Self.desired + "8", [1]).kind == .desired)
  }

  @Test("What comes before the document is dropped, and asked for again when the document is older")
  func early() throws {
    let client = try asking()
    #expect(try client.polledPublished() == [Self.get + "1 "])
    try pass(client, [(Self.desired + "4", [1]), (Self.desired + "3", [1])])
    #expect(try client.hear(Self.answer(200, 1), Self.document(3)).kind == .twin)
    #expect(try client.polledPublished() == [Self.get + "2 "])
    // A hub that tells the same again is not asked for ever.
    #expect(try client.hear(Self.answer(200, 2), Self.document(3)).kind == .twin)
    #expect(try client.polledPublished() == [])
  }

  @Test("Without a version in the document every change is told")
  func unknown() throws {
    let client = try asking()
    _ = try client.polledPublished()
    #expect(try client.hear(Self.answer(200, 1), Array("{}".utf8)).kind == .twin)
    #expect(client.rig.event.version == 0)
    #expect(try client.hear(Self.desired + "17", [1]).kind == .desired)
    #expect(try client.hear(Self.desired + "18", [1]).kind == .desired)
  }

  @Test("A hub that is too busy is asked again after a while that doubles", arguments: [429, 500, 503, 999])
  func busy(_ status: Int) throws {
    let client = try asking()
    #expect(try client.polledPublished() == [Self.get + "1 "])
    var wait: UInt64 = 0
    for attempt in 1...8 {
      try pass(client, [(Self.answer(status, attempt), [1])])
      let limit = min(60_000, 1_000 << UInt64(attempt - 1))
      wait = try client.waitForRequest(Self.get + "\(attempt + 1) ")
      #expect(wait >= limit / 2 && wait <= limit + 2_048, "\(attempt): \(wait)")
    }
    #expect(try client.hear(Self.answer(200, 9), Self.document(3)).kind == .twin)
  }

  @Test("Another refusal of the document is told with what the hub explains, and asked again only when asked for")
  func refused() throws {
    let client = try asking()
    _ = try client.polledPublished()
    #expect(try client.hear(Self.answer(400, 1), [1, 2]) == Heard(kind: .twin, payload: [1, 2], total: 2))
    #expect(client.rig.event.status == 400)
    #expect(try client.polledPublished() == [])
    try pass(client, [(Self.desired + "4", [1])])
    try client.rig.client.getTwin()
    #expect(try client.polledPublished() == [Self.get + "2 "])
  }

  @Test("A document that does not come in time is asked for again; a patch is told as not answered")
  func overdue() throws {
    var options = Twin.Options()
    options.patience = 10_000
    let client = try asking(options)
    #expect(try client.polledPublished() == [Self.get + "1 "])
    let wait = try client.waitForRequest(Self.get + "2 ")
    #expect(wait >= 10_000 && wait < 15_000)
    #expect(try client.hear(Self.answer(200, 2), Self.document(3)).kind == .twin)
    let patch = Memory([1])
    try client.rig.client.report(patch.region)
    #expect(try client.polledPublished() == ["$iothub/twin/PATCH/properties/reported/?$rid=3 \u{1}"])
    client.rig.now += 12_000
    #expect(client.rig.hear() == Heard(kind: .reported))
    #expect(client.rig.event.status == MOTE_ERROR_TIMED_OUT)
    // Its answer comes too late.
    try pass(client, [(Self.answer(204, 3), [])])
    try client.rig.client.report(patch.region)
  }

  @Test("One patch at a time; a busy hub is asked again; a refusal is told")
  func patches() throws {
    let client = try known()
    let patch = Memory(Array("{}".utf8))
    let topic = "$iothub/twin/PATCH/properties/reported/?$rid="
    try client.rig.client.report(patch.region)
    #expect(throws: Failure.state) { try client.rig.client.report(patch.region) }
    #expect(try client.polledPublished() == [topic + "2 {}"])
    try pass(client, [(Self.answer(429, 2), [])])
    #expect(try client.waitForRequest(topic + "3 {}") <= 2_048)
    #expect(try client.hear(Self.answer(400, 3), [7]) == Heard(kind: .reported, payload: [7], total: 1))
    #expect(client.rig.event.status == 400 && client.rig.event.version == 0)
    let large = Memory(433)
    #expect(throws: Failure.tooLarge) { try client.rig.client.report(large.region) }
  }

  @Test("What a connection's end leaves unanswered is asked again by the next, once, after SUBSCRIBE")
  func ended() throws {
    let client = try known()
    let patch = Memory([1])
    try client.rig.client.report(patch.region)
    try client.rig.client.getTwin()
    #expect(try client.polledPublished().count == 2)
    try client.rig.client.getTwin()
    client.rig.client.end(MOTE_ERROR_CLOSED, now: client.rig.now)
    #expect(client.rig.poll()?.kind == .disconnected)
    client.rig.client.step = .idle
    try client.open()
    #expect(
      try client.polledPublished() == [Self.get + "4 ", "$iothub/twin/PATCH/properties/reported/?$rid=5 \u{1}"])
    // Answers to what the connection before asked are none.
    try pass(client, [(Self.answer(200, 2), Self.document(8)), (Self.answer(204, 3), [])])
    #expect(try client.hear(Self.answer(204, 5)).kind == .reported)
    // Not before the document is told.
    try pass(client, [(Self.desired + "4", [1])])
    #expect(try client.hear(Self.answer(200, 4), Self.document(4)).kind == .twin)
    #expect(try client.hear(Self.desired + "5", [1]).kind == .desired)
  }

  @Test("What only reports asks for no document, and hears of no changes")
  func onlyReports() throws {
    var options = Twin.Options()
    options.onlyReports = true
    let client = try Attached(twin: options)
    let bytes = try client.open()
    let filter = Array("$iothub/twin/res/#".utf8)
    #expect(bytes == [0x82, 23, 0, 1, 0, 18] + filter + [0])
    #expect(try client.polledPublished() == [])
    try client.rig.client.getTwin()
    #expect(try client.polledPublished() == [Self.get + "1 "])
    #expect(try client.hear(Self.answer(200, 1), Self.document(4)).kind == .twin)
  }

  @Test("A document in pieces of the receive buffer, with its version at the end")
  func pieces() throws {
    let client = try asking(receiving: 256)
    _ = try client.polledPublished()
    let long = String(repeating: "x", count: 900)
    let body = Array(#"{"desired":{"x":"\#(long)","$version":77},"reported":{"$version":5}}"#.utf8)
    var rest = publish(Self.answer(200, 1), body)[...]
    var told: [UInt8] = []
    while !rest.isEmpty {
      let count = min(rest.count, client.rig.client.session.space().count)
      client.rig.feed(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      let piece = try #require(client.rig.hear())
      #expect(piece.kind == .twin && piece.offset == told.count && piece.total == body.count)
      told += piece.payload
      #expect((client.rig.event.version == 77) == (told.count == body.count))
    }
    #expect(told == body)
  }

  @Test(
    "A malformed topic is skipped, and the connection goes on",
    arguments: [
      "$iothub/twin/res/", "$iothub/twin/res/200", "$iothub/twin/res/200/", "$iothub/twin/res/200/?$rid=",
      "$iothub/twin/res//?$rid=1", "$iothub/twin/res/2x0/?$rid=1", "$iothub/twin/res/1000/?$rid=1",
      "$iothub/twin/res/200/?$rid=x", "$iothub/twin/res/200/?$rid=0", "$iothub/twin/res/0/?$rid=1",
      "$iothub/twin/res/-1/?$rid=1", "$iothub/twin/res/200/?rid=1", "$iothub/twin/res/200/$rid=1",
      "$iothub/twin/res/99999999999999999999/?$rid=1", "$iothub/twin/PATCH/properties/desired/",
      "$iothub/twin/PATCH/properties/desired/?", "$iothub/twin/PATCH/properties/desired/?$version=",
      "$iothub/twin/PATCH/properties/desired/?$version=0", "$iothub/twin/PATCH/properties/desired/?$version=-4",
      "$iothub/twin/PATCH/properties/desired/?$version=99999999999", "$iothub/twin/PATCH/properties/reported/?$rid=1",
    ])
  func malformed(_ topic: String) throws {
    let client = try known()
    #expect(try client.hear(topic, [1]).kind == .skipped)
    #expect(try client.hear(Self.desired + "4", [1]).kind == .desired)
  }

  @Test("An answer to nothing is dropped", arguments: [1, 3, 65_535, 65_537, 2_147_483_629])
  func answers(_ identifier: Int) throws {
    let client = try known()
    try client.rig.client.getTwin()
    _ = try client.polledPublished()
    try pass(client, [(Self.answer(200, identifier), Self.document(9))])
    #expect(try client.hear(Self.answer(200, 2), Self.document(9)).kind == .twin)
  }

  @Test("With a full outbox a request waits for room")
  func full() throws {
    let client = try asking()
    var tokens: [Int] = []
    while let token = try? client.rig.send([UInt8](repeating: 0, count: 20)) { tokens.append(token) }
    #expect(try !client.polledPublished().contains { $0.hasPrefix("$iothub") })
    for token in tokens {
      client.rig.feed([0x40, 2, 0, UInt8(token)])
      #expect(client.rig.hear()?.kind == .sent)
      #expect(!client.published().contains { $0.hasPrefix("$iothub") })
    }
    #expect(try client.waitForRequest(Self.get + "1 ") <= 2_048)
  }

  @Test("A twin is attached once, and before connecting; without one there is nothing to ask")
  func once() throws {
    let client = try Attached(twin: .init())
    #expect(throws: Failure.state) { try client.useTwin() }
    let none = try Attached(calls: 1)
    let patch = Memory([1])
    #expect(throws: Failure.state) { try none.rig.client.report(patch.region) }
    #expect(throws: Failure.state) { try none.rig.client.getTwin() }
    try none.open()
    #expect(throws: Failure.state) { try none.useTwin() }
    #expect(try none.hear(Self.desired + "4", [1]).kind == .skipped)
  }
}

extension Attached {
  /// What is published after a poll.
  func polledPublished() throws -> [String] { try whileTelling { published() } }

  /// Turns the clock to each deadline until `message` is published. How long that took.
  func waitForRequest(_ message: String) throws -> UInt64 {
    let start = rig.now
    for _ in 0..<20 {
      let published = try polledPublished().filter { $0.hasPrefix("$iothub") }
      if published == [message] { return rig.now - start }
      #expect(published == [])
      // The client would not have been told something: its own deadline is asked for alone.
      var event = DeviceEvent()
      #expect(rig.client.ask(.turn, &event) == 0)
      rig.now = event.deadline
    }
    Issue.record("\(message) was not published")
    return 0
  }
}
