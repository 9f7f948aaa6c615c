import MoteBytes
import MoteTestSupport
import MoteWebSocket
import Testing

/// Frames from the server (RFC 6455, 5).
struct ReceivingTests {
  @Test(
    "The stream is the payload of binary frames",
    arguments: [
      ("82 05 48656c6c6f", "48656c6c6f"),
      // 5.7, but for its first byte: that example is text.
      ("02 03 48656c 80 02 6c6f", "48656c6c6f"),
      ("82 01 01 82 00 82 02 0203", "010203"), ("02 00 00 00 80 00 82 01 01", "01"),
      // Ping, Pong and Ping without payload between fragments.
      ("02 01 01 89 05 48656c6c6f 00 01 02 8a 02 abcd 89 00 80 01 03", "010203"),
    ])
  func streams(_ bytes: String, _ stream: String) throws {
    for step in 1...20 { #expect(try Line().receive(hex(bytes), step: step) == hex(stream)) }
  }

  @Test("A message of eight bytes in each of its fragmentations, with a Ping before each fragment or without")
  func fragmentations() throws {
    let message: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    for cuts in 0..<128 {
      var fragments: [[UInt8]] = [[]]
      for (place, byte) in message.enumerated() {
        fragments[fragments.count - 1].append(byte)
        if place < 7 && cuts >> place & 1 == 1 { fragments.append([]) }
      }
      for pings in [false, true] {
        var bytes: [UInt8] = []
        for (place, fragment) in fragments.enumerated() {
          if pings { bytes += frame(0x89, [UInt8(place)]) }
          bytes += frame((place == 0 ? 2 : 0) | (place == fragments.count - 1 ? 0x80 : 0), fragment)
        }
        for step in [1, 2, 3, 100] {
          let line = Line()
          #expect(try line.receive(bytes, step: step) == message)
          #expect(line.flush().isEmpty == !pings)
        }
      }
    }
  }

  @Test("Lengths in each form", arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
  func lengths(_ count: Int) throws {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bytes =
      count < 65_536
      ? frame(0x82, payload)
      : hex("82 7f 00000000") + [0, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)] + payload
    for step in [1, 5, 1_000, .max] {
      #expect(try Line().receive(bytes + frame(0x82, [9]), step: step) == payload + [9])
    }
  }

  @Test(
    "What a server may not send",
    arguments: [
      ("81 01 61", Failure.webSocketText), ("01 01 61", .webSocketText), ("82 81 01020304 00", .webSocketMasked),
      ("89 80 01020304", .webSocketMasked), ("c2 01 00", .webSocketFrame), ("a2 01 00", .webSocketFrame),
      ("92 01 00", .webSocketFrame), ("83 00", .webSocketFrame), ("8b 00", .webSocketFrame),
      ("80 01 00", .webSocketFrame),
      ("00 01 00", .webSocketFrame), ("02 01 00 82 01 00", .webSocketFrame), ("02 01 00 02 01 00", .webSocketFrame),
      ("02 01 00 80 01 00 80 01 00", .webSocketFrame), ("09 00", .webSocketControl), ("08 00", .webSocketControl),
      ("89 7e 007e", .webSocketControl), ("8a 7f", .webSocketControl), ("88 7e", .webSocketControl),
      ("82 7e 007d", .webSocketLength), ("82 7e 0000", .webSocketLength), ("82 7f 000000000000ffff", .webSocketLength),
      ("82 7f 8000000000000000", .webSocketLength), ("82 7f 0000000080000000", .webSocketLength),
      ("82 7f 0000000100000000", .webSocketLength),
    ])
  func refused(_ bytes: String, _ failure: Failure) {
    #expect(Line().refuses(hex(bytes)) == failure.code)
    // Also between other frames.
    #expect(Line().refuses(hex("82 02 0102 89 01 00") + hex(bytes)) == failure.code)
  }

  @Test("A length just below the limit is taken")
  func longest() throws { #expect(try Line().receive(hex("82 7f 000000007fffffff 01 02")) == [1, 2]) }

  @Test("Ping is answered with the same payload, of any length it may have", arguments: [0, 1, 2, 124, 125])
  func ping(_ count: Int) throws {
    let payload = (0..<count).map { UInt8($0) }
    for step in [1, 3, 1_000] {
      let line = Line()
      #expect(try line.receive(frame(0x89, payload), step: step) == [])
      let pong = try #require(unmask(line.flush()))
      #expect(pong.first == 0x8A && pong.payload == payload && pong.rest.isEmpty)
      #expect(!line.socket.owes)
    }
  }

  @Test("Of several the last is answered; Pong is not")
  func pings() throws {
    let line = Line()
    _ = try line.receive(frame(0x89, [1, 2, 3]) + frame(0x8A, [7]) + frame(0x89, [4]) + frame(0x8A, [8, 9]))
    #expect(unmask(line.flush())?.payload == [4])
    _ = try line.receive(frame(0x8A, [1]))
    #expect(line.flush() == [])
  }

  @Test(
    "Close is answered with its status, ends the stream, and overtakes Pong",
    arguments: [("88 02 03e8", "03e8"), ("88 00", ""), ("88 05 03e9627965", "03e9"), ("88 01 03", "")])
  func close(_ bytes: String, _ payload: String) throws {
    for step in [1, 100] {
      let line = Line()
      #expect(try line.receive(hex("89 01 00 82 01 07") + hex(bytes) + hex("82 01 08 ffff"), step: step) == [7])
      #expect(line.socket.isClosed)
      let answer = try #require(unmask(line.flush()))
      #expect(answer.first == 0x88 && answer.payload == hex(payload) && answer.rest.isEmpty)
      #expect(line.flush() == [])
    }
  }

  @Test("After its own Close the client answers nothing more, and waits for the server's")
  func closing() throws {
    let line = Line()
    line.close(1_000)
    #expect(try line.receive(hex("82 01 07 89 02 0102")) == [7])
    #expect(unmask(line.flush())?.payload == hex("03e8"))
    #expect(!line.socket.isClosed)
    _ = try line.receive(hex("89 01 00 88 02 03e8"))
    #expect(line.socket.isClosed)
    #expect(line.flush() == [])
  }

  @Test("Random bytes end somehow")
  func anything() {
    var generator = Generator(state: 1)
    for _ in 0..<20_000 {
      let line = Line()
      let bytes = (0..<Int.random(in: 0..<60, using: &generator)).map { place -> UInt8 in
        place % 4 == 0
          ? [0x82, 0x02, 0x80, 0x89, 0x88][Int.random(in: 0..<5, using: &generator)]
          : UInt8.random(in: 0...9, using: &generator)
      }
      _ = line.refuses(bytes)
      _ = line.flush()
    }
  }
}
