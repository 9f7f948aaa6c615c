import MoteBytes
import MoteJournal
import MoteMQTT

/// A session that keeps its messages in pages, from one start to the next.
@safe final class Device {
  private let pages: Pages
  private let receiving = Buffer(MQTTMemory.leastBuffer)
  private let outbox: Buffer
  private let journal: UnsafeMutablePointer<Journal>
  private(set) var session: Session
  private(set) var isConnected = false
  /// How many messages were restored, or the failure.
  private(set) var status: Int32

  /// Starts with pages and restores what they hold; nil when a journal cannot have such pages.
  init?(_ pages: Pages, outbox capacity: Int, whenFull: WhenFull, now: UInt64) {
    self.pages = pages
    outbox = Buffer(capacity)
    var memory = MQTTMemory(receiving: receiving.region, outbox: outbox.region)
    memory.window = 0xFFFF
    memory.whenFull = whenFull
    session = Session(memory)
    status = 0
    let geometry = pages.geometry
    unsafe journal = .allocate(capacity: 1)
    let made = unsafe Journal(
      pages.pointer, pageSize: UInt32(geometry.pageSize), pageCount: UInt32(geometry.pageCount),
      unit: UInt32(geometry.unit))
    guard let made else { return nil }
    unsafe journal.initialize(to: made)
    let name = Buffer(geometry.name)
    if !geometry.name.isEmpty { unsafe journal.pointee.belong(to: name.region) }
    request { status = attempt { () throws(Failure) in try unsafe Journal.restore(journal, to: &session, now: now) } }
  }

  deinit { unsafe journal.deallocate() }

  var unwritten: UInt32 { unsafe journal.pointee.unwritten }

  /// Stores a message, expiring in so many seconds, or never when they are 0: its token, or the failure.
  func store(_ payload: [UInt8], seconds: Int, now: UInt64) -> Int32 {
    let expiry = seconds == 0 ? 0 : now + 1_000 * UInt64(seconds)
    var status: Int32 = 0
    request {
      status = attempt { () throws(Failure) in
        try session.publish(("t" as StaticString).bytes, payload: payload.span, .acknowledged, expires: expiry)
      }
    }
    return status
  }

  /// Whether there was such a message.
  func drop(_ token: Int) -> Bool {
    var status: Int32 = 0
    request {
      status = attempt { () throws(Failure) in
        try session.drop(token)
        return 0
      }
    }
    return status == 0
  }

  func lose() {
    session.lost()
    isConnected = false
  }

  /// Connects to a server that kept the session.
  func connect(now: UInt64) {
    if isConnected { return }
    isConnected = true
    var writer = session.composeConnect(.none)
    writer.appendField(("c" as StaticString).bytes)
    let status = attempt { () throws(Failure) in
      try session.connect(writer, .none, now: now)
      return 0
    }
    demand(status == 0, "does not connect: \(status)")
    demand(transmit(now: now).first == 0x10, "no CONNECT")
    demand(receive(Server.accepted(present: true), now: now).isEmpty, "more than connected")
  }

  /// All that leaves now.
  func transmit(now: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var region = Region.empty
      request { region = session.transmission(now: now) }
      demand(receiving.holds(region) || outbox.holds(region), "what leaves is not in a buffer")
      if region.count == 0 { return bytes }
      bytes += region.array
      session.sent(region.count, now: now)
    }
  }

  /// Receives an acknowledgement: the tokens of messages that are done.
  func acknowledge(_ token: Int, now: UInt64) -> [Int] { receive(Server.acknowledgement(token), now: now) }

  private func receive(_ bytes: [UInt8], now: UInt64) -> [Int] {
    session.space().copy(bytes.span, to: 0)
    session.received(bytes.count)
    return done(now: now)
  }

  /// The tokens of messages that are acknowledged, dropped or expired, as it tells them.
  func done(now: UInt64) -> [Int] {
    var event = Event()
    var tokens: [Int] = []
    while true {
      var isTold = false
      request {
        let status = attempt { () throws(Failure) in
          isTold = try session.next(&event, now: now)
          return 0
        }
        demand(status == 0, "the session ends with \(status)")
      }
      if !isTold { return tokens }
      demand([.connected, .acknowledged, .dropped, .expired].contains(event.kind), "told \(event.kind)")
      if event.kind != .connected { tokens.append(event.token) }
    }
  }

  /// One request, which may go through all pages a few times and no more.
  private func request(_ body: () -> Void) {
    pages.patience = 16 * pages.geometry.size + 1_000
    body()
  }

  private func attempt(_ body: () throws(Failure) -> Int) -> Int32 {
    do throws(Failure) { return Int32(try body()) } catch { return error.code }
  }
}
