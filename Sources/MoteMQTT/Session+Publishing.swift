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
private let leastPiece = 32
/// Most room for a piece: more does not make a message leave faster, and takes room from others.
private let mostPiece = 1024

extension Session {
  /// Starts a packet. What follows goes to the writer. `room` is what topic and payload need, at most; the more
  /// exact, the fewer bytes are moved.
  public mutating func compose(room: Int = .max) -> Writer {
    let least = Outbox.bodyOffset &+ 4
    let shift = outbox.makeRoom(room > Int.max &- least ? .max : room &+ least)
    if transmitter.kind == .entry { transmitter.shift(by: shift) }
    // Two bytes for the topic's length, or a SUBSCRIBE's packet identifier.
    return Writer(outbox.region, from: outbox.tail &+ Outbox.bodyOffset &+ 2)
  }

  /// Stores a message whose topic the writer of ``compose(room:)`` holds. The result is its token at quality of
  /// service 1, else 0.
  public mutating func publish(
    _ topic: Writer, payload: Span<UInt8>, _ flags: MessageFlags
  ) throws(Failure) -> Int {
    var writer = topic
    let identifier = try openPublish(&writer, flags)
    writer.append(payload)
    try append(&writer, 0x30 | flags.firstByte, identifier: identifier, pieces: 0)
    return identifier
  }

  /// Starts a message at quality of service 1 whose payload of `length` bytes is asked for in pieces.
  public mutating func publish(
    _ topic: Writer, pieces length: Int, _ flags: MessageFlags
  ) throws(Failure) -> Int {
    guard pieces.identifier == 0 else { throw .sourceBusy }
    guard length >= 0 && length <= remainingLengthLimit else { throw .tooLarge }
    var writer = topic
    let flags = flags | .acknowledged
    let identifier = try openPublish(&writer, flags)
    let headerSize = writer.count &- outbox.tail
    let room = min(max(outbox.region.count &- writer.count, leastPiece), min(mostPiece, max(length, 1)))
    try append(&writer, 0x30 | flags.firstByte, identifier: identifier, pieces: length, room: room)
    pieces = Pieces(identifier: identifier, total: length, headerSize: headerSize)
    return identifier
  }

  /// Whether a piece of a payload is wanted: where its bytes go, and where in the payload they start.
  public var wanted: (room: Region, offset: Int)? {
    guard transmitter.kind == .entry, transmitter.isEmpty, pieces.offset < pieces.total else { return nil }
    let entry = outbox.entry(at: outbox.cursor)
    guard entry.identifier == pieces.identifier else { return nil }
    let room = min(entry.size &- pieces.headerSize, pieces.total &- pieces.offset)
    return (outbox.region.part(entry.offset &+ pieces.headerSize, room), pieces.offset)
  }

  /// Says that the first `count` bytes of the room of ``wanted`` have been written.
  public mutating func supplied(_ count: Int) throws(Failure) {
    guard let wanted, count <= wanted.room.count, count >= 0 else { throw .state }
    let start = outbox.cursor &+ pieces.headerSize
    pieces.offset &+= count
    transmitter = Transmitter(.entry, from: start, to: start &+ count)
  }

  /// Drops the message whose payload comes in pieces, after the connection it was leaving by is lost. Its token,
  /// or 0 when there is none.
  public mutating func dropPieces() -> Int {
    let identifier = pieces.identifier
    var offset = outbox.head
    while identifier != 0 && offset < outbox.tail {
      let entry = outbox.entry(at: offset)
      if entry.identifier == identifier {
        _ = outbox.remove(entry)
        break
      }
      offset &+= entry.size
    }
    pieces.identifier = 0
    return identifier
  }

  /// Subscribes (3.8). The writer of ``compose(room:)`` holds `filters` pairs of a field and a byte for the
  /// quality of service. The result is the token.
  public mutating func subscribe(_ writer: Writer, filters: Int) throws(Failure) -> Int {
    try request(writer, 0x82, filters)
  }

  /// Unsubscribes (3.10). The writer of ``compose(room:)`` holds `filters` fields. The result is the token.
  public mutating func unsubscribe(_ writer: Writer, filters: Int) throws(Failure) -> Int {
    try request(writer, 0xA2, filters)
  }

  private mutating func request(_ writer: Writer, _ first: UInt8, _ filters: Int) throws(Failure) -> Int {
    guard phase == .connected else { throw .state }
    guard filters > 0 && filters < 256 else { throw .tooLarge }
    var writer = writer
    let identifier = try nextIdentifier()
    if writer.fits {
      outbox.region.set(number16: identifier, at: outbox.tail &+ Outbox.bodyOffset)
    }
    try append(&writer, first, identifier: identifier, pieces: 0, filters: filters)
    return identifier
  }

  /// Ends the topic, and appends the packet identifier.
  private mutating func openPublish(_ writer: inout Writer, _ flags: MessageFlags) throws(Failure) -> Int {
    let start = outbox.tail &+ Outbox.bodyOffset &+ 2
    if writer.fits {
      let topic = outbox.region.part(start, writer.count &- start)
      guard topic.count > 0 && topic.bytes.isMQTTText else { throw .invalidTopic }
    }
    writer.closeField(start)
    guard flags.contains(.acknowledged) else { return 0 }
    let identifier = try nextIdentifier()
    writer.append16(identifier)
    return identifier
  }

  /// Makes the packet that the writer holds an entry. `room` is kept behind it for a piece of the payload.
  private mutating func append(
    _ writer: inout Writer, _ first: UInt8, identifier: Int, pieces: Int, room: Int = 0, filters: Int = 0
  ) throws(Failure) {
    let start = outbox.tail
    let body = start &+ Outbox.bodyOffset
    let end = writer.count > Int.max &- room ? Int.max : writer.count &+ room
    if end > outbox.region.count {
      needed = end == .max ? end : end &- start &+ Outbox.base
      throw needed > outbox.region.count ? .tooLarge : .outboxFull
    }
    let length = writer.count &- body &+ pieces
    guard length <= remainingLengthLimit else { throw .tooLarge }
    let packet = outbox.region.setFixedHeader(first, remainingLength: length, before: body)
    outbox.append(
      Outbox.Entry(
        offset: start, size: end &- start, identifier: identifier, filters: filters, sent: false, start: packet))
    lastIdentifier = identifier == 0 ? lastIdentifier : identifier
  }

  /// A packet identifier that is not in flight (2.3.1). They are given in turn, so that the next can only meet
  /// the oldest.
  private func nextIdentifier() throws(Failure) -> Int {
    let identifier = lastIdentifier == 0xFFFF ? 1 : lastIdentifier &+ 1
    guard outbox.oldestIdentifier() != identifier else { throw .identifiers }
    return identifier
  }
}

extension MessageFlags {
  /// The flags as PUBLISH's first byte has them (3.3.1).
  var firstByte: UInt8 { (contains(.acknowledged) ? 2 : 0) | (contains(.retain) ? 1 : 0) }
}
