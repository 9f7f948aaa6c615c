public import MoteBytes

/// The payload of a message that is asked for in pieces: one at a time, since nothing else can leave while it does.
struct Pieces {
  /// The message's packet identifier; 0 when there is none.
  var identifier = 0
  var total = 0
  /// How many bytes have been asked for.
  var offset = 0
  /// Bytes of its entry before the room for a piece.
  var headerSize = 0

  /// Begins again from the payload's first byte.
  mutating func rewind() { offset = 0 }
}

/// Least room for a piece. Smaller ones would cost more in TLS records than in bytes.
private var leastPiece: Int { 32 }
/// Most room for a piece: it is kept until the message is acknowledged, and others need room too.
private var mostPiece: Int { 256 }

extension Session {
  /// Starts a packet. What follows goes to the writer. `room` is what topic and payload need, at most; the more
  /// exact, the fewer bytes are moved. The writer is good until the session's next call.
  public mutating func compose(room: Int = .max) -> Writer {
    outbox.makeRoom(room.saturatingSum(Outbox.bodyOffset &+ 4))
    return Writer(outbox.region, from: composition)
  }

  /// Where in the outbox a packet that is composed now begins. It changes when something is stored or taken out.
  public var composition: Int {
    // Two bytes for the topic's length, or a SUBSCRIBE's packet identifier.
    mutating get { outbox.tail &+ Outbox.bodyOffset &+ 2 }
  }

  /// Stores a message. The result is its token at quality of service 1, else 0. When it has not begun to leave at
  /// `expires`, it does not leave at all, or within about a second after; 0: it has time.
  @inline(__always) public mutating func publish(
    _ topic: Span<UInt8>, payload: Span<UInt8>, _ flags: MessageFlags, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    guard topic.count > 0 && topic.count < 0x1_0000 && topic.isMQTTText else { throw .invalidTopic }
    guard payload.count <= remainingLengthLimit &- 0x1_0004 else { throw .tooLarge }
    let identifier = flags.contains(.acknowledged) ? try nextIdentifier() : 0
    let header = topic.count &+ (identifier != 0 ? 4 : 2)
    let length = header &+ payload.count
    let size = Outbox.bodyOffset &+ length
    if size > outbox.region.count &- outbox.tail { try makeRoom(size) }
    let start = outbox.tail
    let body = outbox.region.part(start &+ Outbox.bodyOffset, length)
    body.set(number16: topic.count, at: 0)
    body.copy(topic, to: 2)
    if identifier != 0 { body.set(number16: identifier, at: header &- 2) }
    body.copy(payload, to: header)
    try append(
      0x30 | flags.firstByte, identifier: identifier, to: start &+ size, remainingLength: length, filters: 0,
      expiry: expires.unitOfExpiry)
    if identifier != 0 { try keep(start) }
    return identifier
  }

  /// Stores a message whose topic the writer of ``compose(room:)`` holds. The result is its token at quality of
  /// service 1, else 0.
  ///
  /// An outbox that drops messages throws ``Failure/outboxFull`` too, once, for what had no room when it was written:
  /// then it has room for the same message composed again.
  public mutating func publish(
    _ topic: Writer, payload: Span<UInt8>, _ flags: MessageFlags, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    var writer = topic
    let identifier = try closeTopic(&writer, flags)
    writer.append(payload)
    let start = outbox.tail
    try store(
      writer, 0x30 | flags.firstByte, identifier: identifier, pieces: 0, room: 0,
      filters: Int(flags.rawValue &>> 3), expiry: expires.unitOfExpiry)
    if identifier != 0 { try keep(start) }
    return identifier
  }

  /// Starts a message at quality of service 1 whose payload of `length` bytes is asked for in pieces.
  public mutating func publish(
    _ topic: Writer, pieces length: Int, _ flags: MessageFlags, expires: UInt64 = 0
  ) throws(Failure) -> Int {
    guard pieces.identifier == 0 else { throw .sourceBusy }
    guard length >= 0 && length <= remainingLengthLimit else { throw .tooLarge }
    var writer = topic
    let flags = flags | .acknowledged
    let identifier = try closeTopic(&writer, flags)
    let headerSize = writer.count &- outbox.tail
    let room = min(max(outbox.region.count &- writer.count, leastPiece), min(mostPiece, max(length, 1)))
    try store(
      writer, 0x30 | flags.firstByte, identifier: identifier, pieces: length, room: room, filters: 1,
      expiry: expires.unitOfExpiry)
    pieces = Pieces(identifier: identifier, total: length, headerSize: headerSize)
    return identifier
  }

  /// Whether a piece of a payload is wanted: where its bytes go, and where in the payload they start.
  public var wanted: (room: Region, offset: Int)? {
    mutating get {
      guard transmitter.kind == .entry, transmitter.count == 0, pieces.offset < pieces.total else { return nil }
      let entry = Outbox.Entry(outbox.region, at: outbox.cursor)
      guard entry.identifier == pieces.identifier else { return nil }
      let room = min(entry.size &- pieces.headerSize, pieces.total &- pieces.offset)
      return (outbox.region.part(entry.offset &+ pieces.headerSize, room), pieces.offset)
    }
  }

  /// Says that the first `count` bytes of the room of ``wanted`` have been written.
  public mutating func supplied(_ count: Int) throws(Failure) {
    guard let wanted, count <= wanted.room.count, count >= 0 else { throw .state }
    supply(count)
  }

  /// The same when it is known that as many were wanted.
  @inline(__always) package mutating func supply(_ count: Int) {
    pieces.offset &+= count
    transmitter = Transmitter(.entry, from: pieces.headerSize, to: pieces.headerSize &+ count)
  }

  /// Drops a message that is stored, by its token, while there is no connection that it could be leaving by.
  public mutating func drop(_ token: Int) throws(Failure) {
    guard phase == .idle && token > 0 else { throw .state }
    var offset = outbox.head
    while offset < outbox.tail {
      let entry = Outbox.Entry(outbox.region, at: offset)
      if entry.identifier == token && !entry.isDropped {
        release(token)
        if pieces.identifier == token { pieces.identifier = 0 }
        return outbox.remove(entry)
      }
      offset = entry.end
    }
    throw .state
  }

  /// Drops the message whose payload comes in pieces, likewise. Its token, or 0 when there is none.
  public mutating func dropPieces() -> Int {
    let token = pieces.identifier
    return (try? drop(token)) == nil ? 0 : token
  }

  /// Subscribes (3.8). The writer of ``compose(room:)`` holds `filters` pairs of a field and a byte for the
  /// quality of service. The result is the token. `first`: it leaves before the messages that are stored, if it can.
  public mutating func subscribe(_ writer: Writer, filters: Int, first: Bool = false) throws(Failure) -> Int {
    let start = outbox.tail
    let token = try request(writer, 0x82, filters)
    if first && transmitter.kind == .none { outbox.hasten(start) }
    return token
  }

  /// Unsubscribes (3.10). The writer of ``compose(room:)`` holds `filters` fields. The result is the token.
  public mutating func unsubscribe(_ writer: Writer, filters: Int) throws(Failure) -> Int {
    try request(writer, 0xA2, filters)
  }

  private mutating func request(_ writer: Writer, _ first: UInt8, _ filters: Int) throws(Failure) -> Int {
    guard phase == .connected else { throw .state }
    // SUBACK has a code for each, and has to fit the receive buffer.
    guard filters > 0 && filters < min(256, inbound.region.count &- fixedHeaderRoom) else { throw .tooLarge }
    // There is no filter either in what was composed before the outbox grew.
    guard writer.count > composition else { throw .invalidTopic }
    let identifier = try nextIdentifier()
    if writer.fits { outbox.region.set(number16: identifier, at: outbox.tail &+ Outbox.bodyOffset) }
    try store(writer, first, identifier: identifier, pieces: 0, room: 0, filters: filters, expiry: .max)
    return identifier
  }

  /// Ends the topic, and appends the packet identifier, which is the result.
  @inline(never) private mutating func closeTopic(
    _ writer: inout Writer, _ flags: MessageFlags
  ) throws(Failure) -> Int {
    let start = composition
    // There is no topic either in what was composed before the outbox grew.
    guard writer.count > start else { throw .invalidTopic }
    if writer.fits {
      guard outbox.region.part(start, writer.count &- start).bytes.isMQTTText else { throw .invalidTopic }
    }
    writer.closeField(start)
    guard flags.contains(.acknowledged) else { return 0 }
    let identifier = try nextIdentifier()
    writer.append16(identifier)
    return identifier
  }

  /// Makes the packet that the writer holds an entry. `room` is kept behind it for a piece of its payload.
  @inline(never) private mutating func store(
    _ writer: Writer, _ first: UInt8, identifier: Int, pieces: Int, room: Int, filters: Int, expiry: UInt32
  ) throws(Failure) {
    let length = writer.count.saturatingSum(pieces) &- outbox.tail &- Outbox.bodyOffset
    try append(
      first, identifier: identifier, to: writer.count.saturatingSum(room), remainingLength: length, filters: filters,
      expiry: expiry)
  }

  /// Makes what is behind the last entry, up to `end`, one more, with the fixed header before its body.
  @inline(never) private mutating func append(
    _ first: UInt8, identifier: Int, to end: Int, remainingLength: Int, filters: Int, expiry time: UInt32
  ) throws(Failure) {
    let start = outbox.tail
    if end > outbox.region.count {
      try makeRoom(end &- start)
      // For the next attempt: what did not fit was not written.
      throw .outboxFull
    }
    // At most 28 bits (2.2.3). Below zero, for what was composed before the outbox grew, has more.
    guard UInt(bitPattern: remainingLength) &>> 28 == 0 else { throw .tooLarge }
    let packet = outbox.region.setFixedHeader(
      first, remainingLength: remainingLength, before: start &+ Outbox.bodyOffset)
    outbox.append(
      Outbox.Entry(offset: start, size: end &- start, identifier: identifier, filters: filters, start: packet),
      expiry: time)
    due = min(due, time)
    if identifier != 0 { lastIdentifier = identifier }
  }

  /// A packet identifier that is not in flight (2.3.1). They are given in turn, so that the next can only meet
  /// the oldest.
  @inline(never) private mutating func nextIdentifier() throws(Failure) -> Int {
    let identifier = lastIdentifier == 0xFFFF ? 1 : lastIdentifier &+ 1
    guard outbox.isFree(identifier) else { throw .identifiers }
    return identifier
  }
}

extension MessageFlags {
  /// The flags as PUBLISH's first byte has them (3.3.1).
  var firstByte: UInt8 { (contains(.acknowledged) ? 2 : 0) | (contains(.retain) ? 1 : 0) }
}
