import CMote
import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

@testable import Mote

/// A client with features, without a transport.
@safe final class Attached {
  let rig: Rig
  private let methods: UnsafeMutablePointer<Methods>
  private let slots: Memory
  private let twin: UnsafeMutablePointer<Twin>

  /// `calls`: how many methods may be pending; nil: no methods. `twin`: nil for none.
  init(calls: Int? = nil, twin options: Twin.Options? = nil, receiving: Int = 512) throws {
    rig = try Rig(receiving: receiving)
    slots = Memory((calls ?? 0) * Methods.slotSize)
    unsafe methods = .allocate(capacity: 1)
    unsafe twin = .allocate(capacity: 1)
    if let options { try useTwin(options) }
    if calls != nil { try useMethods() }
  }

  deinit {
    unsafe methods.deallocate()
    unsafe twin.deallocate()
  }

  func useTwin(_ options: Twin.Options = .init()) throws(Failure) { try unsafe rig.client.use(twin, options) }

  func useMethods() throws(Failure) { try unsafe rig.client.use(methods, slots.region) }

  /// Connects and subscribes. SUBSCRIBE as it left.
  @discardableResult
  func open() throws -> [UInt8] {
    try rig.open()
    let bytes = try whileTelling { rig.drain() }
    #expect(rig.step == .subscribe)
    let filters = bytes.count { $0 == UInt8(ascii: "#") }
    try suback([UInt8](repeating: 0, count: filters), bytes)
    #expect(rig.step == .work)
    return bytes
  }

  /// Answers a SUBSCRIBE, and has the client take that.
  func suback(_ codes: [UInt8], _ subscribe: [UInt8]) throws {
    rig.feed([0x90, UInt8(2 + codes.count)] + subscribe[2..<4] + codes)
    _ = try whileTelling {}
  }

  /// Polls once with something to tell, since a client without a transport that has nothing to tell loses its connection.
  func whileTelling<Result>(_ body: () -> Result) throws -> Result {
    rig.feed(publish("devices/d/messages/devicebound/", [0]))
    #expect(rig.hear()?.kind == .message)
    return body()
  }

  /// Feeds a message, and hears what is told of it.
  func hear(_ topic: String, _ payload: [UInt8] = []) throws -> Heard {
    rig.feed(publish(topic, payload))
    return try #require(rig.hear())
  }

  /// The PUBLISH that leave, as topic and payload.
  func published() -> [String] { Self.messages(rig.drain()) }

  static func messages(_ bytes: [UInt8]) -> [String] {
    var rest = bytes[...]
    var messages: [String] = []
    while rest.count > 4 {
      var length = Int(rest[rest.startIndex + 1])
      var header = 2
      if length >= 128 {
        length = length & 127 | Int(rest[rest.startIndex + 2]) << 7
        header = 3
      }
      let packet = rest.dropFirst(header).prefix(length)
      let topic = Int(packet[packet.startIndex + 1])
      let text = String(decoding: packet.dropFirst(2).prefix(topic), as: UTF8.self)
      messages.append(text + " " + String(decoding: packet.dropFirst(2 + topic), as: UTF8.self))
      rest = rest.dropFirst(header + length)
    }
    return messages
  }

  /// How a response ends: 0 for done.
  func respond(_ token: Int, _ status: UInt32 = 200, _ payload: String = "") -> Int32 {
    let bytes = Memory(Array(payload.utf8))
    do throws(Failure) {
      try rig.client.respond(token, status, bytes.region)
    } catch {
      return error.code
    }
    return 0
  }

  /// What the last event had of names.
  var names: [String] { [rig.event.name, rig.event.component].map { String(decoding: $0.bytes, as: UTF8.self) } }
}

extension String {
  init(decoding bytes: Span<UInt8>, as encoding: UTF8.Type) {
    self = String(decoding: bytes.indices.map { bytes[$0] }, as: encoding)
  }
}
