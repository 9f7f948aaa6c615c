import CMote
import MoteBytes
import MoteJournal
import MoteMQTT
import MoteTestSupport
import Testing

/// A session with a journal, from one start of the device to the next.
@safe final class Device {
  private let receiving = Memory(256)
  private let outbox: Memory
  private let journal: UnsafeMutablePointer<Journal>
  var session: Session
  var now: UInt64

  /// Starts with a flash, and restores what it holds.
  init(
    _ flash: Flash, outbox capacity: Int = 400, now: UInt64 = 0, whenFull: WhenFull = .refuses, window: Int = 4,
    erasesForeign: Bool = false, name: String? = nil
  ) throws(Failure) {
    outbox = Memory(capacity)
    self.now = now
    var memory = MQTTMemory(receiving: receiving.region, outbox: outbox.region)
    memory.whenFull = whenFull
    memory.window = window
    session = Session(memory)
    unsafe journal = .allocate(capacity: 1)
    let made = unsafe Journal(
      flash.pointer, pageSize: UInt32(flash.pageSize), pageCount: UInt32(flash.erased.count), unit: UInt32(flash.unit))
    guard let made else {
      unsafe journal.deallocate()
      throw .tooSmall
    }
    unsafe journal.initialize(to: made)
    if let name { unsafe journal.pointee.belong(to: Memory(Array(name.utf8)).region) }
    restored = 0
    do throws(Failure) {
      restored = try unsafe Journal.restore(journal, to: &session, now: now)
    } catch {
      guard erasesForeign && error == Failure(MOTE_ERROR_JOURNAL) else { throw error }
      flash.bytes = flash.bytes.map { _ in 0xFF }
      restored = try unsafe Journal.restore(journal, to: &session, now: now)
    }
  }

  deinit { unsafe journal.deallocate() }

  private(set) var restored: Int
  var unwritten: UInt32 { unsafe journal.pointee.unwritten }

  /// Restores the journal of this device into another session.
  func share() throws(Failure) {
    var other = Session(MQTTMemory(receiving: Memory(256).region, outbox: Memory(400).region))
    _ = try unsafe Journal.restore(journal, to: &other, now: now)
  }

  /// Restores once more.
  func restoreAgain() throws(Failure) { _ = try unsafe Journal.restore(journal, to: &session, now: now) }

  /// Stores a message.
  @discardableResult
  func publish(_ payload: [UInt8], _ flags: MessageFlags = .acknowledged, expires: UInt64 = 0) throws(Failure) -> Int {
    try session.publish(("t" as StaticString).bytes, payload: payload.span, flags, expires: expires)
  }

  /// Connects to a server that kept the session, or did not.
  func connect(present: Bool = true) throws {
    var writer = session.composeConnect(.none)
    writer.appendField(("c" as StaticString).bytes)
    try session.connect(writer, .none, now: now)
    _ = transmit()
    _ = try receive([0x20, 2, present ? 1 : 0, 0])
  }

  /// What leaves.
  func transmit() -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let region = session.transmission(now: now)
      if region.count == 0 { return bytes }
      bytes += (0..<region.count).map { region[$0] }
      session.sent(region.count, now: now)
    }
  }

  /// The messages that leave: first byte, identifier and payload of each. All are short, and their topic is `t`.
  func messages() -> [(first: UInt8, token: Int, payload: [UInt8])] {
    let bytes = transmit()
    var messages: [(first: UInt8, token: Int, payload: [UInt8])] = []
    var place = 0
    while place < bytes.count {
      var length = Int(bytes[place + 1] & 127)
      var body = place + 2
      if bytes[place + 1] > 127 {
        length += Int(bytes[body]) << 7
        body += 1
      }
      let token = Int(bytes[body + 3]) << 8 | Int(bytes[body + 4])
      messages.append((bytes[place], token, Array(bytes[body + 5..<body + length])))
      place = body + length
    }
    return messages
  }

  /// Receives bytes: the tokens and kinds of what that tells.
  func receive(_ bytes: [UInt8]) throws -> [(Event.Kind, Int)] {
    let space = session.space()
    space.copy(bytes.span, to: 0)
    session.received(bytes.count)
    return try events()
  }

  func events() throws -> [(Event.Kind, Int)] {
    var event = Event()
    var told: [(Event.Kind, Int)] = []
    while try session.next(&event, now: now) { told.append((event.kind, event.token)) }
    return told
  }

  func acknowledge(_ token: Int) throws { _ = try receive([0x40, 2, UInt8(token >> 8), UInt8(token & 255)]) }

  /// What is stored, as it would leave: connects, and lets all of it leave. The device is of no more use then.
  func contents() throws -> [(token: Int, payload: [UInt8])] {
    session.lost()
    try connect()
    return messages().map { ($0.token, $0.payload) }
  }
}
