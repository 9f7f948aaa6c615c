import MoteBytes
import MoteTestSupport
import MoteWebSocket
import Testing

/// Frames from the client (RFC 6455, 5.2, 5.3).
struct SendingTests {
  @Test(
    "Frames, whole",
    arguments: [
      ("c0 00", UInt32(0x37FA_213D), "82 82 37fa213d f7fa"),
      ("40 02 00 01", 0x0102_0304, "82 84 01020304 41000305"),
      // The payload of 5.7's example.
      ("48 65 6c 6c 6f", 0x37FA_213D, "82 85 37fa213d 7f9f4d5158"),
    ])
  func vectors(_ bytes: String, _ key: UInt32, _ frame: String) {
    for front in [0, 5, 6, 16] {
      let line = Line()
      line.keys = [key]
      line.send(hex(bytes), front: front)
      #expect(line.left == hex(frame))
      #expect(line.offers == 1)
    }
  }

  @Test(
    "The header's forms",
    arguments: [
      (1, "82 81"), (125, "82 fd"), (126, "82 fe 007e"), (65_535, "82 fe ffff"), (65_536, "82 ff 0000000000010000"),
      (300_000, "82 ff 00000000000493e0"),
    ])
  func headers(_ count: Int, _ header: String) throws {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    for front in [0, 3, 7, 13, 14, 20] {
      let line = Line()
      line.send(payload, front: front)
      #expect(line.left.starts(with: hex(header) + hex("37fa213d")))
      let sent = try #require(unmask(line.left))
      #expect(sent.first == 0x82 && sent.payload == payload && sent.rest.isEmpty)
    }
  }

  @Test("A frame leaves at once when there is room for its header, and the memory is as it was")
  func memory() {
    for (front, count, offers) in [
      (16, 300, 1), (8, 300, 1), (7, 300, 2), (0, 10, 1), (0, 11, 2), (6, 125, 1), (16, 4_088, 1), (16, 4_089, 2),
    ] {
      let before = (0..<(front + count)).map { UInt8(truncatingIfNeeded: $0) }
      let memory = Memory(before)
      let line = Line()
      var start = front
      while start < front + count {
        start += Int(line.send(memory.region, from: start))
        #expect(memory.region.array == before)
      }
      #expect(line.offers == offers)
      #expect(unmask(line.left)?.payload == Array(before[front...]))
    }
  }

  @Test("What was not taken is offered again, the same bytes and no fewer")
  func again() {
    let memory = Memory([UInt8](repeating: 9, count: 200))
    let line = Line()
    line.keys = [1, 2, 3]
    line.takes = { _ in 0 }
    #expect(line.send(memory.region, from: 20) == 0)
    let first = line.offered
    #expect(line.send(memory.region, from: 20) == 0)
    #expect(line.offered == first)
    line.takes = { _ in 100 }
    #expect(line.send(memory.region, from: 20) == 92)
    line.takes = { $0 }
    #expect(line.send(memory.region, from: 112) == 88)
    #expect(unmask(line.left)?.payload == [UInt8](repeating: 9, count: 180))
    // The next frame has the next key.
    line.send([9])
    #expect(line.left.suffix(7) == hex("82 81 00000002 09"))
  }

  @Test("It may move in the memory between two attempts")
  func moving() {
    let line = Line()
    line.takes = { _ in 0 }
    let here = Memory([UInt8](repeating: 1, count: 40) + Array("telemetry".utf8))
    #expect(line.send(here.region, from: 40) == 0)
    line.takes = { $0 }
    let there = Memory([UInt8](repeating: 2, count: 16) + Array("telemetry".utf8))
    #expect(line.send(there.region, from: 16) == 9)
    #expect(unmask(line.left)?.payload == Array("telemetry".utf8))
  }

  @Test("A failure is the transport's; less than a header is one too")
  func failing() {
    let memory = Memory([UInt8](repeating: 9, count: 200))
    let line = Line()
    line.takes = { _ in -24 }
    #expect(line.send(memory.region, from: 20) == -24)
    line.takes = { _ in 8 }
    #expect(line.send(memory.region, from: 20) == Failure.webSocketFrame.code)
    #expect(memory.region.array == [UInt8](repeating: 9, count: 200))
  }

  @Test("Close, and nothing after it")
  func close() {
    let line = Line()
    line.close(1_000)
    #expect(line.socket.owes)
    #expect(line.flush() == hex("88 82 37fa213d 3412"))
    #expect(!line.socket.owes)
    line.close(1_002)
    #expect(!line.socket.owes)
    let one = Memory([1])
    #expect(line.send(one.region, from: 0) == 0 && line.offers == 1)
  }

  @Test("A control frame waits until the frame that is leaving has left")
  func between() throws {
    let memory = Memory([UInt8](repeating: 9, count: 216))
    let line = Line()
    line.takes = { min($0, 100) }
    #expect(line.send(memory.region, from: 16) == 92)
    #expect(try line.receive(hex("89 02 6869")) == [])
    #expect(line.socket.owes && !line.socket.isControlOffered)
    line.takes = { $0 }
    #expect(line.send(memory.region, from: 108) == 108)
    #expect(line.send(Region.empty, from: 0) == 0)
    let data = try #require(unmask(line.left))
    #expect(data.payload == [UInt8](repeating: 9, count: 200))
    let pong = try #require(unmask(data.rest))
    #expect(pong.first == 0x8A && pong.payload == Array("hi".utf8) && pong.rest.isEmpty)
  }

  @Test("While a control frame leaves, nothing is received that could overwrite it")
  func offered() throws {
    let line = Line()
    let one = Memory([1])
    _ = try line.receive(hex("89 02 6869"))
    line.takes = { _ in 0 }
    #expect(line.send(one.region, from: 0) == 0)
    #expect(line.socket.isControlOffered)
    line.close(1_000)
    // A few bytes at a time, of what is a control frame.
    line.takes = { line.socket.isControlOffered ? min($0, 3) : $0 }
    #expect(line.send(one.region, from: 0) == 1)
    #expect(!line.socket.isControlOffered)
    let pong = try #require(unmask(line.left))
    #expect(pong.first == 0x8A && pong.payload == Array("hi".utf8))
    #expect(unmask(pong.rest)?.payload == [1])
  }
}
