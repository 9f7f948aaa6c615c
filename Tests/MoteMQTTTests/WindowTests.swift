import MoteBytes
import MoteMQTT
import Testing

/// The window: as many packets as it allows are in flight, never more, whatever order they are acknowledged in.
struct WindowTests {
  private func bench(window: Int, messages: Int) throws -> Bench {
    let bench = Bench(outbox: 2048, window: window)
    try bench.connect()
    for number in 0..<messages { try bench.publish("t", [UInt8(number)]) }
    return bench
  }

  @Test("It is filled without waiting, and no further", arguments: [1, 2, 4, 8, 20])
  func filled(_ window: Int) throws {
    let bench = try bench(window: window, messages: 20)
    #expect(bench.packets().map(\.identifier) == Array(1...window))
    #expect(bench.transmit() == [])
  }

  @Test("Each acknowledgement lets one more leave, in order")
  func slides() throws {
    let bench = try bench(window: 3, messages: 10)
    var sent = bench.packets()
    for identifier in 1...10 {
      #expect(try bench.receive(Server.acknowledgement(identifier)) == [.acknowledged(identifier)])
      let more = bench.packets()
      #expect(more.count == (identifier <= 7 ? 1 : 0))
      sent += more
    }
    #expect(sent.map(\.payload) == (0..<10).map { [UInt8($0)] })
    #expect(sent.map(\.identifier) == Array(1...10))
    #expect(sent.allSatisfy { !$0.isDuplicate })
  }

  @Test(
    "Acknowledgements in any order are told in theirs, and free what they are for",
    arguments: [
      [4, 3, 2, 1], [2, 4, 1, 3], [1, 4, 2, 3], [3, 1, 2, 4], [2, 1, 4, 3],
    ])
  func outOfOrder(_ order: [Int]) throws {
    let bench = try bench(window: 4, messages: 8)
    _ = bench.transmit()
    var sent: [Sent] = []
    for identifier in order {
      #expect(try bench.receive(Server.acknowledgement(identifier)) == [.acknowledged(identifier)])
      sent += bench.packets()
    }
    #expect(sent.map(\.payload) == [[4], [5], [6], [7]])
    bench.session.lost()
    try bench.connect(present: true)
    #expect(bench.packets().map(\.identifier) == [5, 6, 7, 8])
  }

  @Test("An acknowledgement between two parts of a packet does not tear it", arguments: 1...11)
  func torn(_ split: Int) throws {
    let bench = Bench(window: 4)
    try bench.connect()
    for number in 1...3 { try bench.publish("t", [UInt8(number)]) }
    _ = bench.transmit()
    try bench.publish("long", [7, 7, 7])
    let first = bench.transmit(limit: split)
    for identifier in [2, 1, 3] { try bench.receive(Server.acknowledgement(identifier)) }
    #expect(first + bench.transmit() == Server.message("long", [7, 7, 7], identifier: 4))
  }

  @Test("Acknowledgements that were never asked for change nothing", arguments: [5, 9, 6, 65535])
  func unknown(_ identifier: Int) throws {
    let bench = try bench(window: 4, messages: 8)
    _ = bench.transmit()
    #expect(try bench.receive(Server.acknowledgement(identifier)) == [])
    #expect(bench.transmit() == [])
    #expect(try bench.receive(Server.acknowledgement(4) + Server.acknowledgement(4)) == [.acknowledged(4)])
    #expect(bench.packets().map(\.identifier) == [5])
  }

  @Test("Subscriptions count, and messages at quality of service 0 do not but keep their place")
  func mixed() throws {
    let bench = Bench(window: 2)
    try bench.connect()
    try bench.subscribe(["a"])
    try bench.publish("t", [1], .none)
    try bench.publish("t", [2])
    try bench.publish("t", [3], .none)
    try bench.publish("t", [4])
    try bench.publish("t", [5], .none)
    #expect(bench.packets().map(\.payload) == [nil, [1], [2], [3]])
    try bench.receive(Server.subscribed(1, [0]))
    #expect(bench.packets().map(\.payload) == [[4], [5]])
    #expect(bench.transmit() == [])
  }

  @Test("It is empty again after the connection is lost")
  func lost() throws {
    let bench = try bench(window: 2, messages: 5)
    _ = bench.transmit()
    try bench.reconnect(present: true)
    #expect(bench.packets().map(\.identifier) == [1, 2])
    try bench.receive(Server.acknowledgement(2))
    #expect(bench.packets().map(\.identifier) == [3])
  }
}
