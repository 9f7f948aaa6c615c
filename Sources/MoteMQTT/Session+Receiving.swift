public import MoteBytes

/// What has been received and not yet been told, and how far into a packet it is.
struct Inbound {
  enum State: UInt8 {
    /// At the start of a packet.
    case packet
    /// Within a payload that is told in pieces.
    case payload
    /// Within a message whose topic does not fit.
    case skipped
    /// Within a payload when the connection was lost.
    case aborted
  }

  let region: Region
  var start = 0
  var end = 0
  var state = State.packet
  /// Bytes left of what `state` says.
  var remaining = 0
  var total = 0
  var topicCount = 0
  var identifier = 0
  var flags: MessageFlags = .none

  init(_ region: Region) { self.region = region }

  var available: Int { end &- start }

  /// Takes what there is of the `remaining` bytes but the last `rest`. How many.
  @inline(never) mutating func take(leaving rest: Int) -> Int {
    let count = min(available, remaining &- rest)
    start &+= count
    remaining &-= count
    return count
  }

  mutating func reset() {
    start = 0
    end = 0
    state = state == .payload || state == .aborted ? .aborted : .packet
  }
}

extension Session {
  /// Where to receive to. Empty: take the events first. While too many messages wait to be accepted it stays empty
  /// once the buffer is full, so that the peer has to wait.
  @inline(__always) public mutating func space() -> Region {
    let region = inbound.region
    // The receive buffer holds CONNECT until it has left.
    if transmitter.kind == .connect || phase == .idle { return .empty }
    if inbound.start > 0 {
      region.copy(region.part(inbound.start, inbound.available).bytes, to: 0)
      inbound.end = inbound.available
      inbound.start = 0
    }
    return region.part(inbound.end, region.count &- inbound.end)
  }

  /// Whether there was room for `count` bytes.
  @inline(__always) public mutating func canHaveReceived(_ count: Int) -> Bool {
    UInt(bitPattern: count) <= UInt(bitPattern: inbound.region.count &- inbound.end)
  }

  /// Says that `count` bytes were received to ``space()``.
  @inline(__always) public mutating func received(_ count: Int) {
    precondition(canHaveReceived(count))
    inbound.end &+= count
  }

  /// Takes the next event; false when there is none. A message of the event before that was not held counts as
  /// accepted now. An error means that the transport is to be closed, and ``lost()`` called.
  @inline(__always) public mutating func next(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    let (token, kind) = takeDropped(now: now)
    if kind == .none { return try nextReceived(&event, now: now) }
    if deliveries.isFresh { deliveries.acceptFresh() }
    event = Event()
    event.kind = kind
    event.token = token
    return true
  }

  /// The same, but for ``takeDropped(now:)``, which tells what nothing has to be received for.
  @inline(__always) public mutating func nextReceived(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    if deliveries.isFresh { deliveries.acceptFresh() }
    event = Event()
    while event.kind == .none {
      let isProgress: Bool
      switch inbound.state {
      case .packet: isProgress = try packet(&event, now: now)
      case .payload: isProgress = piece(&event)
      case .skipped: isProgress = try skip(&event)
      case .aborted:
        isProgress = takeAborted()
        event.kind = .aborted
      }
      if !isProgress {
        if overdue != 0 && now >= overdue { throw phase == .greeting ? .timedOut : .keepAlive }
        if now >= acknowledgementDue { throw .acknowledgement }
        return false
      }
    }
    return true
  }

  /// Whether a message is told in pieces that will not be completed, since the connection was lost. Once.
  public mutating func takeAborted() -> Bool {
    guard inbound.state == .aborted else { return false }
    inbound.state = .packet
    return true
  }

  /// Takes a packet, or as much of it as matters. False when too little of it is there.
  @inline(__always) private mutating func packet(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    let region = inbound.region
    guard inbound.available >= 2 else { return false }
    let first = region[inbound.start]
    var body = inbound.start &+ 1
    var length = 0
    var shift = 0
    while true {
      guard body < inbound.end else { return false }
      let byte = Int(region[body])
      body &+= 1
      length |= (byte & 0x7F) &<< shift
      if byte < 0x80 { break }
      shift &+= 7
      if shift == 28 { throw .remainingLength }
    }
    let type = first &>> 4
    if phase == .greeting && type != PacketType.connack { throw .connackExpected }
    if type == PacketType.publish { return try publish(&event, first, length, body, now: now) }

    // Everything else is short, and looked at when all of it is there.
    guard PacketType.received &>> UInt32(truncatingIfNeeded: type) & 1 != 0 else { throw .packetType }
    guard first & 0x0F == 0 else { throw .flags }
    let least = type == PacketType.pingresp ? 0 : type == PacketType.suback ? 3 : 2
    guard length == least || (type == PacketType.suback && length > least) else { throw .length }
    if length > region.count &- (body &- inbound.start) { throw .length }
    if inbound.end &- body < length { return false }
    inbound.start = body &+ length
    if type == PacketType.pingresp {
      overdue = 0
      return true
    }
    let number = region.number16(at: body)
    if type == PacketType.connack {
      try connack(&event, number)
    } else {
      guard number != 0 else { throw .packetIdentifier }
      try acknowledged(&event, type, number, region.part(body &+ 2, length &- 2), now: now)
    }
    return true
  }

  /// CONNACK, as its flags and its return code in two bytes.
  @inline(__always) private mutating func connack(_ event: inout Event, _ answer: Int) throws(Failure) {
    guard phase == .greeting else { throw .connackUnexpected }
    let code = answer & 0xFF
    guard answer < 0x200 else { throw .connackFlags }
    guard code < 6 else { throw .connackCode }
    let present = answer >= 0x100
    guard !present || (code == 0 && !cleanSession) else { throw .sessionPresent }
    // The refusals are numbered in the order of their codes.
    guard code == 0 else { throw Failure(Failure.refusedProtocol.code &+ 1 &- Int32(truncatingIfNeeded: code)) }
    phase = .connected
    overdue = 0
    isResumed = present
    event.kind = .connected
    event.sessionPresent = present
  }

  /// PUBACK, SUBACK or UNSUBACK. One for nothing in flight is passed over: its message may have been dropped.
  @inline(__always) private mutating func acknowledged(
    _ event: inout Event, _ type: UInt8, _ identifier: Int, _ codes: Region, now: UInt64
  ) throws(Failure) {
    var offset = outbox.head
    while offset < outbox.cursor {
      let entry = Outbox.Entry(outbox.region, at: offset)
      offset = entry.end
      // Each acknowledgement's type follows that of what it acknowledges.
      if entry.identifier != identifier || outbox.packetType(entry) &+ 1 != type { continue }
      event.kind = type == PacketType.puback ? .acknowledged : .unsubscribed
      if type == PacketType.suback {
        event.kind = .subscribed
        event.payload = codes
        guard codes.count == entry.filters else { throw .subackCount }
        for place in 0..<codes.count {
          guard codes[place] < 2 || codes[place] == 0x80 else { throw .subackCode }
        }
      }
      event.token = identifier
      if type == PacketType.puback { release(identifier) }
      if pieces.identifier == identifier { pieces.identifier = 0 }
      inFlight &-= 1
      // The next oldest has waited behind this one.
      if entry.offset == outbox.head { acknowledgementDue = inFlight > 0 ? now &+ patience : .max }
      outbox.remove(entry)
      return
    }
  }

  /// A PUBLISH: all of it when it fits the buffer, else its topic, and then its payload in pieces.
  @inline(__always) private mutating func publish(
    _ event: inout Event, _ first: UInt8, _ length: Int, _ body: Int, now: UInt64
  ) throws(Failure) -> Bool {
    let service = first &>> 1 & 3
    guard service != 3 else { throw .qualityOfService }
    guard service != 2 else { throw .qualityOfService2 }
    guard service == 1 || first & 8 == 0 else { throw .duplicateFlag }
    let region = inbound.region
    let capacity = region.count &- (body &- inbound.start)
    let available = inbound.end &- body
    // All of a packet that fits is waited for, so that what fits is told in one piece.
    if length <= capacity && available < length { return false }
    guard length >= 2 else { throw .length }
    guard available >= 2 else { return false }
    let topicCount = region.number16(at: body)
    let headerCount = topicCount &+ 2 &+ Int(service) &* 2
    guard headerCount <= length else { throw .stringLength }
    guard topicCount > 0 else { throw .topic }
    if service == 1 && deliveries.isFull {
      // What is awaited may wait behind it.
      overdue = 0
      if inFlight > 0 { acknowledgementDue = now &+ patience }
      return false
    }

    inbound.identifier = 0
    inbound.flags = MessageFlags(rawValue: service | first &<< 1 & 2 | first &>> 1 & 4)
    inbound.total = length &- headerCount
    inbound.topicCount = topicCount
    inbound.remaining = inbound.total
    if headerCount > capacity {
      inbound.start = body &+ 2
      inbound.state = .skipped
      inbound.remaining &+= headerCount &- 2
      return true
    }
    guard available >= headerCount else { return false }
    if service == 1 {
      inbound.identifier = region.number16(at: body &+ 2 &+ topicCount)
      guard inbound.identifier != 0 else { throw .packetIdentifier }
    }
    event.topic = region.part(body &+ 2, topicCount)
    guard event.topic.bytes.isMQTTText else { throw .topic }
    inbound.start = body &+ headerCount
    inbound.state = .payload
    return true
  }

  /// Tells what is there of a payload. False when nothing is, and something is to come; but the topic is told at
  /// once, since the room that it takes may be all there is.
  @inline(__always) private mutating func piece(_ event: inout Event) -> Bool {
    let start = inbound.start
    let count = min(inbound.available, inbound.remaining)
    guard count > 0 || inbound.remaining == 0 || event.topic.count > 0 else { return false }
    event.kind = .message
    event.flags = inbound.flags
    event.topicCount = event.topic.count
    event.total = inbound.total
    event.offset = inbound.total &- inbound.remaining
    event.payload = inbound.region.part(start, count)
    inbound.start = start &+ count
    inbound.remaining &-= count
    if inbound.remaining == 0 {
      inbound.state = .packet
      if inbound.identifier != 0 { event.token = deliveries.open(inbound.identifier) }
    }
    return true
  }

  /// Passes over a message whose topic does not fit, but for its packet identifier. False when more bytes are needed.
  @inline(__always) private mutating func skip(_ event: inout Event) throws(Failure) -> Bool {
    if inbound.flags.contains(.acknowledged) && inbound.identifier == 0 {
      // Up to the packet identifier, which comes in one.
      let rest = inbound.total &+ 2
      if inbound.remaining > rest { _ = inbound.take(leaving: rest) }
      guard inbound.remaining == rest && inbound.available >= 2 else { return false }
      inbound.identifier = inbound.region.number16(at: inbound.start)
      guard inbound.identifier != 0 else { throw .packetIdentifier }
    }
    _ = inbound.take(leaving: 0)
    if inbound.remaining > 0 { return false }
    inbound.state = .packet
    event.kind = .skipped
    event.topicCount = inbound.topicCount
    event.total = inbound.total
    if inbound.identifier != 0 {
      _ = deliveries.open(inbound.identifier)
      // It is nothing that could be held: nobody could accept it.
      deliveries.acceptFresh()
    }
    return true
  }
}
