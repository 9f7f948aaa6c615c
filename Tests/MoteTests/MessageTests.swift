import CMote
import Mote
import MoteBytes
import Testing

/// What the client makes of what comes.
struct MessageTests {
  private let bound = "devices/d/messages/devicebound/"

  private func rig(receives: Bool = false) throws -> Rig {
    var options = DeviceClient.Options()
    options.receivesMessages = receives
    let rig = try Rig(options: options)
    try rig.open()
    return rig
  }

  @Test("A message with its properties")
  func message() throws {
    let rig = try rig()
    rig.feed(publish(bound + "a=b&c", [1, 2, 3], identifier: 9))
    #expect(rig.hear() == Heard(kind: .message, properties: "a=b&c", payload: [1, 2, 3], total: 3, token: 9))
  }

  @Test(
    "A message on another topic is skipped",
    arguments: ["t", "devices/e/messages/devicebound/a=b", "devices/d/messages/devicebound"])
  func foreign(_ topic: String) throws {
    let rig = try rig()
    rig.feed(publish(topic, [1, 2, 3]))
    #expect(rig.hear()?.kind == .skipped)
    rig.feed(publish(bound, [4]))
    #expect(rig.hear() == Heard(kind: .message, payload: [4], total: 1))
  }

  @Test("Pieces of a message have its properties with the first only")
  func pieces() throws {
    let rig = try rig()
    let whole = publish(bound + "k=v", [UInt8](repeating: 7, count: 900))
    rig.feed(Array(whole.prefix(512)))
    let first = try #require(rig.hear())
    #expect(first.kind == .message && first.properties == "k=v" && first.offset == 0 && first.total == 900)
    rig.feed(Array(whole.dropFirst(512)))
    let second = try #require(rig.hear())
    #expect(second.kind == .message && second.properties == "" && second.offset == first.payload.count)
    #expect(first.payload + second.payload == [UInt8](repeating: 7, count: 900))
  }

  @Test("A message of which the topic comes alone is none that is skipped")
  func topicAlone() throws {
    let rig = try rig()
    let whole = publish(bound + "k=v", [UInt8](repeating: 7, count: 900))
    rig.feed(Array(whole.prefix(whole.count - 900)))
    let first = try #require(rig.hear())
    #expect(first.kind == .message && first.properties == "k=v" && first.payload == [] && first.total == 900)
    var payload: [UInt8] = []
    for _ in 0..<3 {
      rig.feed([UInt8](repeating: 7, count: 300))
      let piece = try #require(rig.hear())
      #expect(piece.kind == .message && piece.properties == "" && piece.offset == payload.count)
      payload += piece.payload
    }
    #expect(payload == [UInt8](repeating: 7, count: 900))
  }

  @Test("Of another's message in pieces none is told as a message")
  func foreignPieces() throws {
    let rig = try rig()
    let whole = publish("devices/e/messages/devicebound/k=v", [UInt8](repeating: 7, count: 900))
    rig.feed(Array(whole.prefix(512)))
    #expect(rig.hear()?.kind == .skipped)
    rig.feed(Array(whole.dropFirst(512)) + publish(bound, [4]))
    #expect(rig.hear() == Heard(kind: .message, payload: [4], total: 1))
  }

  @Test("An acknowledgement tells the message that was sent")
  func sent() throws {
    let rig = try rig()
    let token = try rig.send()
    #expect(rig.drain().suffix(5) == [0, 1, 1, 2, 3])
    rig.feed([0x40, 2, 0, UInt8(token)])
    #expect(rig.hear() == Heard(kind: .sent, token: token))
  }

  @Test("A refusal ends the connection with its reason", arguments: Int32(1)...5)
  func refusal(_ code: Int32) throws {
    let rig = try Rig()
    _ = try rig.greet()
    rig.feed([0x20, 2, 0, UInt8(code)])
    #expect(rig.poll() == .ended(.greeting, MOTE_ERROR_REFUSED_PROTOCOL + 1 - code, at: 5_000))
  }

  @Test("A subscription that is refused ends the connection")
  func subscription() throws {
    let rig = try rig(receives: true)
    #expect(rig.step == .subscribe)
    try rig.subscribe()
    rig.feed([0x90, 3, 0, 1, 0x80])
    #expect(rig.poll() == .ended(.subscribe, MOTE_ERROR_SUBSCRIPTION_REFUSED, at: 5_000))
  }
}
