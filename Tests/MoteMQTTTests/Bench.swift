import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// An event that outlives the next call.
struct Note: Equatable {
  var kind: Event.Kind
  var flags: UInt8 = 0
  var sessionPresent = false
  var token = 0
  var topic = ""
  var payload: [UInt8] = []
  var topicCount = 0
  var offset = 0
  var total = 0
}

extension Note {
  init(_ event: Event) {
    func copy(_ region: Region) -> [UInt8] { (0..<region.count).map { region[$0] } }
    self.init(
      kind: event.kind, flags: event.flags.rawValue, sessionPresent: event.sessionPresent, token: event.token,
      topic: String(decoding: copy(event.topic), as: UTF8.self), payload: copy(event.payload),
      topicCount: event.topicCount, offset: event.offset, total: event.total)
  }

  /// A message in one piece.
  static func message(_ topic: String, _ payload: [UInt8], token: Int = 0, flags: UInt8 = 0) -> Note {
    Note(
      kind: .message, flags: flags, token: token, topic: topic, payload: payload, topicCount: topic.utf8.count,
      total: payload.count)
  }

  static func acknowledged(_ token: Int) -> Note { Note(kind: .acknowledged, token: token) }
  static func dropped(_ token: Int) -> Note { Note(kind: .dropped, token: token) }
  static func expired(_ token: Int) -> Note { Note(kind: .expired, token: token) }
}

/// A session with its memory, a clock that stands until it is set, and a transport that loses nothing.
final class Bench {
  private let receiving: Memory
  private let outbox: Memory
  var session: Session
  var now: UInt64 = 1_000
  /// Every event so far.
  var notes: [Note] = []
  /// Gives `count` bytes of the payload from `offset` on.
  var source: ((_ offset: Int, _ room: Int) -> [UInt8])?
  /// Which tokens of messages are held when they come.
  var holds: (Note) -> Bool = { _ in false }
  private var event = Event()

  init(
    receive: Int = 512, outbox: Int = 512, window: Int = 4, keepAliveSeconds: Int = 240, response: UInt32 = 30_000,
    whenFull: WhenFull = .refuses
  ) {
    self.receiving = Memory(receive)
    self.outbox = Memory(outbox)
    var memory = MQTTMemory(receiving: receiving.region, outbox: self.outbox.region)
    memory.window = window
    memory.keepAliveSeconds = keepAliveSeconds
    memory.response = response
    memory.whenFull = whenFull
    session = Session(memory)
  }

  /// All of the receive buffer, as it is now.
  var receiveBuffer: [UInt8] { receiving.prefix(receiving.region.count) }

  // A session cannot be copied, so it cannot stand in an expectation; these can.
  var isUsable: Bool { session.isUsable }
  var isConnected: Bool { session.isConnected }
  var hasLeft: Bool { session.hasLeft }
  var deadline: UInt64 { session.deadline }
  var needed: Int { session.needed }
  var dropped: UInt32 { session.dropped }
  var resent: UInt32 { session.resent }
  var space: Int { session.space().count }
  var wanted: (count: Int, offset: Int)? { session.wanted.map { ($0.room.count, $0.offset) } }

  /// Asks for a connection with the client identifier `c`.
  func greet(_ flags: ConnectFlags = .none) throws(Failure) {
    var writer = session.composeConnect(flags)
    writer.appendField(("c" as StaticString).bytes)
    try session.connect(writer, flags, now: now)
  }

  /// Connects.
  func connect(present: Bool = false, _ flags: ConnectFlags = .none) throws(Failure) {
    try greet(flags)
    _ = transmit()
    try receive(Server.accepted(present: present))
  }

  /// Loses the connection, and connects again.
  func reconnect(present: Bool, _ flags: ConnectFlags = .none) throws(Failure) {
    session.lost()
    try connect(present: present, flags)
  }

  /// Stores a message.
  @discardableResult
  func publish(
    _ topic: String = "t", _ payload: [UInt8] = [], _ flags: MessageFlags = .acknowledged, room: Int = .max,
    expires: UInt64 = 0
  ) throws(Failure) -> Int {
    var writer = session.compose(room: room)
    let topic = Array(topic.utf8)
    writer.append(topic.span)
    return try session.publish(writer, payload: payload.span, flags, expires: expires)
  }

  /// Stores a message that is not composed first.
  @discardableResult
  func store(
    _ payload: [UInt8] = [], _ flags: MessageFlags = .acknowledged, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    try session.publish(("t" as StaticString).bytes, payload: payload.span, flags, expires: expires)
  }

  /// The same for one that is composed; again when room has been made for it.
  @discardableResult
  func publishAgain(
    _ payload: [UInt8], _ flags: MessageFlags = .acknowledged, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    if let token = try? publish("t", payload, flags, expires: expires) { return token }
    return try publish("t", payload, flags, expires: expires)
  }

  /// Starts a message whose payload comes from ``source``.
  @discardableResult
  func publish(_ topic: String, pieces length: Int, _ flags: MessageFlags = .none) throws(Failure) -> Int {
    var writer = session.compose(room: topic.utf8.count)
    let topic = Array(topic.utf8)
    writer.append(topic.span)
    return try session.publish(writer, pieces: length, flags)
  }

  /// Subscribes to `filters` at quality of service 0.
  @discardableResult
  func subscribe(_ filters: [String]) throws(Failure) -> Int {
    var writer = session.compose()
    for filter in filters {
      let filter = Array(filter.utf8)
      writer.appendField(filter.span)
      writer.append(0)
    }
    return try session.subscribe(writer, filters: filters.count)
  }

  /// Unsubscribes from `filters`.
  @discardableResult
  func unsubscribe(_ filters: [String]) throws(Failure) -> Int {
    var writer = session.compose()
    for filter in filters {
      let filter = Array(filter.utf8)
      writer.appendField(filter.span)
    }
    return try session.unsubscribe(writer, filters: filters.count)
  }

  /// What leaves, at most `limit` bytes of it and `step` at a time.
  func transmit(limit: Int = .max, step: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      if let source, let wanted = session.wanted {
        let piece = source(wanted.offset, wanted.room.count)
        wanted.room.copy(piece.span, to: 0)
        do { try session.supplied(piece.count) } catch { Issue.record("supplied: \(error)") }
      }
      let region = session.transmission(now: now)
      let count = min(region.count, step, limit - bytes.count)
      if count == 0 { break }
      for place in 0..<count { bytes.append(region[place]) }
      session.sent(count, now: now)
    }
    return bytes
  }

  /// The packets that leave.
  func packets(step: Int = .max) -> [Sent] {
    let (packets, rest) = parse(transmit(step: step))
    if !rest.isEmpty { Issue.record("half a packet left: \(rest)") }
    return packets
  }

  /// Takes the events that there are.
  @discardableResult
  func take() throws(Failure) -> [Note] {
    let before = notes.count
    while try session.next(&event, now: now) {
      let note = Note(event)
      notes.append(note)
      if holds(note) { try session.hold() }
    }
    return Array(notes[before...])
  }

  /// Receives `bytes`, at most `step` at a time, and takes the events between. How many bytes were not taken, since
  /// there was no space, is in ``unread``.
  @discardableResult
  func receive(_ bytes: [UInt8], step: Int = .max) throws(Failure) -> [Note] {
    let before = notes.count
    var place = 0
    defer { unread = bytes.count - place }
    while place < bytes.count {
      let space = session.space()
      let count = min(space.count, bytes.count - place, step)
      if count == 0 { break }
      space.copy(bytes.span.extracting(place..<place + count), to: 0)
      session.received(count)
      place += count
      try take()
    }
    return Array(notes[before...])
  }

  private(set) var unread = 0

  /// The error that receiving `bytes` ends in.
  func failure(_ bytes: [UInt8], step: Int = .max) -> Failure? {
    do {
      try receive(bytes, step: step)
      return nil
    } catch {
      return error
    }
  }
}
