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

  var region = Region.empty
  var start = 0
  var end = 0
  /// Bytes left of what ``state`` says.
  var remaining = 0
  var total = 0
  var topicCount = 0
  var identifier = 0
  /// How much was missing of a packet when an answer was late.
  var missing = 0
  var state = State.packet
  var flags: MessageFlags = .none

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
    if !isReceiving { return .empty }
    if inbound.start > 0 {
      let rest = inbound.available
      if rest > 0 { region.copy(region.part(inbound.start, rest).bytes, to: 0) }
      inbound.end = rest
      inbound.start = 0
    }
    return region.part(inbound.end, region.count &- inbound.end)
  }

  /// Whether anything can come: the receive buffer holds CONNECT until it has left.
  private var isReceiving: Bool {
    @inline(__always) mutating get { transmitter.kind != .connect && phase != .idle }
  }

  @inline(__always) private mutating func isWithinSpace(_ count: Int) -> Bool {
    UInt(bitPattern: count) <= UInt(bitPattern: inbound.region.count &- inbound.end)
  }

  /// Whether there was room for `count` bytes.
  @inline(__always) public mutating func canHaveReceived(_ count: Int) -> Bool {
    (isReceiving || count == 0) && isWithinSpace(count)
  }

  /// Says that `count` bytes were received to ``space()``.
  @inline(__always) public mutating func received(_ count: Int) {
    precondition(isWithinSpace(count))
    inbound.end &+= count
  }

  /// Takes the next event; false when there is none. A message of the event before that was not held counts as
  /// accepted now. An error means that the transport is to be closed, and ``lost()`` called.
  @inline(__always) public mutating func next(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    let (token, kind) = takeDropped(now: now)
    if kind == .none {
      if try nextReceived(&event, now: now) { return true }
      try checkPatience(now: now)
      return false
    }
    deliveries.isFresh = false
    event = Event()
    event.kind = kind
    event.token = token
    return true
  }

  /// The same, but for ``takeDropped(now:)``, which tells what nothing has to be received for, and ``checkPatience(now:)``.
  @inline(__always) public mutating func nextReceived(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    deliveries.isFresh = false
    event = Event()
    repeat {
      if try !advance(&event, now: now) { return false }
    } while event.kind == .none
    return true
  }

  /// Throws when an answer is overdue. To be asked when all that has come was taken.
  @inline(__always) public mutating func checkPatience(now: UInt64) throws(Failure) {
    if overdue != 0 && now >= overdue { try wait(phase == .greeting ? .timedOut : .keepAlive, now: now) }
    if now >= acknowledgementDue { try wait(.acknowledgement, now: now) }
  }

  /// Waits on while a packet comes, behind which the answer may stand: on a slow line a large one takes its time.
  @inline(never) private mutating func wait(_ failure: Failure, now: UInt64) throws(Failure) {
    let missing = inbound.remaining &- inbound.available
    guard missing != inbound.missing && (inbound.state != .packet || inbound.available > 0) else { throw failure }
    inbound.missing = missing
    if overdue != 0 { overdue = now &+ patience }
    if inFlight > 0 { acknowledgementDue = now &+ patience }
  }

  /// Goes on by one packet, or by what there is of one. False when that is nothing.
  @inline(__always) private mutating func advance(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    if inbound.state == .packet {
      guard try packet(&event, now: now) else { return false }
    }
    switch inbound.state {
    case .packet: return true
    case .payload: guard piece(&event) else { return false }
    case .skipped: guard try skip(&event) else { return false }
    case .aborted:
      inbound.state = .packet
      event.kind = .aborted
      return true
    }
    if inbound.remaining == 0 {
      inbound.state = .packet
      if inbound.identifier != 0 {
        let token = deliveries.open(inbound.identifier)
        // What was skipped is nothing that could be held: nobody could accept it.
        deliveries.isFresh = event.kind == .message
        if deliveries.isFresh { event.token = token }
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
    let packet = inbound.region.part(inbound.start, inbound.available)
    guard packet.count >= 2 else { return false }
    let first = packet[0]
    var body = 1
    var length = 0
    var shift = 0
    while true {
      guard body < packet.count else { return false }
      let byte = Int(packet[body])
      body &+= 1
      length |= (byte & 0x7F) &<< shift
      if byte < 0x80 { break }
      shift &+= 7
      if shift == 28 { throw .remainingLength }
    }
    let rest = packet.part(body, packet.count &- body)
    let type = first &>> 4
    if phase == .greeting && type != PacketType.connack { throw .connackExpected }
    // Most that can follow what has been looked at.
    let capacity = inbound.region.count &- body
    let start = inbound.start &+ body
    if type == PacketType.publish { return try publish(&event, first, length, rest, at: start, capacity, now: now) }

    // Everything else is short, and looked at when all of it is there.
    guard PacketType.received &>> UInt32(truncatingIfNeeded: type) & 1 != 0 else { throw .packetType }
    guard first & 0x0F == 0 else { throw .flags }
    if type == PacketType.pingresp {
      guard length == 0 else { throw .length }
      inbound.start = start
      overdue = 0
      return true
    }
    guard type == PacketType.suback ? length > 2 : length == 2 else { throw .length }
    if length > capacity { throw .length }
    if rest.count < length { return false }
    inbound.start = start &+ length
    let number = rest.number16(at: 0)
    if type == PacketType.connack {
      try connack(&event, number)
    } else {
      guard number != 0 else { throw .packetIdentifier }
      try acknowledged(&event, type, number, rest.part(2, length &- 2), now: now)
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

  /// A PUBLISH: all of it when it fits the buffer, else its topic, and then its payload in pieces. `body` is what there is
  /// behind its fixed header, from `start` on.
  @inline(__always) private mutating func publish(
    _ event: inout Event, _ first: UInt8, _ length: Int, _ body: Region, at start: Int, _ capacity: Int, now: UInt64
  ) throws(Failure) -> Bool {
    let service = first &>> 1 & 3
    guard service != 3 else { throw .qualityOfService }
    guard service != 2 else { throw .qualityOfService2 }
    guard service == 1 || first & 8 == 0 else { throw .duplicateFlag }
    // All of a packet that fits is waited for, so that what fits is told in one piece.
    if length <= capacity && body.count < length { return false }
    guard length >= 2 else { throw .length }
    guard body.count >= 2 else { return false }
    let topicCount = body.number16(at: 0)
    let headerCount = topicCount &+ 2 &+ Int(service) &* 2
    guard headerCount <= length else { throw .stringLength }
    guard topicCount > 0 else { throw .topic }
    if service == 1 {
      deliveries.isBlocking = deliveries.isFull
      if deliveries.isBlocking {
        // What is awaited may wait behind it.
        overdue = 0
        if inFlight > 0 { acknowledgementDue = now &+ patience }
        return false
      }
    }

    inbound.identifier = 0
    inbound.flags = MessageFlags(rawValue: service | first &<< 1 & 2 | first &>> 1 & 4)
    inbound.total = length &- headerCount
    inbound.topicCount = topicCount
    inbound.remaining = inbound.total
    if headerCount > capacity {
      inbound.start = start &+ 2
      inbound.state = .skipped
      inbound.remaining &+= headerCount &- 2
      return true
    }
    guard body.count >= headerCount else { return false }
    if service == 1 {
      inbound.identifier = body.number16(at: topicCount &+ 2)
      guard inbound.identifier != 0 else { throw .packetIdentifier }
    }
    event.topic = body.part(2, topicCount)
    guard event.topic.bytes.isMQTTText else { throw .topic }
    inbound.start = start &+ headerCount
    inbound.state = .payload
    return true
  }

  /// Tells what is there of a payload. False when nothing is, and something is to come; but the topic is told at
  /// once, since the room that it takes may be all there is.
  @inline(__always) private mutating func piece(_ event: inout Event) -> Bool {
    let start = inbound.start
    event.offset = inbound.total &- inbound.remaining
    let count = inbound.take(leaving: 0)
    guard count > 0 || inbound.remaining == 0 || event.topic.count > 0 else { return false }
    event.kind = .message
    event.flags = inbound.flags
    event.topicCount = event.topic.count
    event.total = inbound.total
    event.payload = inbound.region.part(start, count)
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
    event.kind = .skipped
    event.topicCount = inbound.topicCount
    event.total = inbound.total
    return true
  }
}
