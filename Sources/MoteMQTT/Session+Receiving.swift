public import MoteBytes

/// What has been received and not yet been told, and how far into a packet it is.
struct Inbound {
  enum State: UInt8 {
    /// At the start of a packet.
    case packet
    /// Within a payload that is told in pieces.
    case payload
    /// Within a topic that does not fit, the packet identifier after it, the payload after that.
    case skippedTopic
    case skippedIdentifier
    case skippedPayload
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

  /// Takes up to `remaining` bytes. How many.
  mutating func take() -> Int {
    let count = min(available, remaining)
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
  public mutating func space() -> Region {
    let region = inbound.region
    // The receive buffer holds CONNECT until it has left.
    if transmitter.kind == .connect || phase == .idle { return region.part(0, 0) }
    if inbound.start > 0 {
      region.copy(region.part(inbound.start, inbound.available).bytes, to: 0)
      inbound.end = inbound.available
      inbound.start = 0
    }
    return region.part(inbound.end, region.count &- inbound.end)
  }

  /// Whether there was room for `count` bytes.
  public func canHaveReceived(_ count: Int) -> Bool { count >= 0 && count <= inbound.region.count &- inbound.end }

  /// Says that `count` bytes were received to ``space()``.
  public mutating func received(_ count: Int) {
    precondition(canHaveReceived(count))
    inbound.end &+= count
  }

  /// Takes the next event; false when there is none. A message of the event before that was not held counts as
  /// accepted now. An error means that the transport is to be closed, and ``lost()`` called.
  public mutating func next(_ event: inout Event, now: UInt64) throws(Failure) -> Bool {
    deliveries.acceptFresh()
    event.kind = .none
    while event.kind == .none {
      switch inbound.state {
      case .packet:
        guard try packet(&event) else {
          try checkPatience(now: now)
          return false
        }
      case .payload:
        guard inbound.available > 0 else {
          try checkPatience(now: now)
          return false
        }
        piece(&event)
      case .aborted:
        inbound.state = .packet
        event.kind = .aborted
      case .skippedTopic, .skippedIdentifier, .skippedPayload:
        guard try skip(&event) else {
          try checkPatience(now: now)
          return false
        }
      }
    }
    return true
  }

  /// Takes a packet, or as much of it as matters. False when too little of it is there.
  private mutating func packet(_ event: inout Event) throws(Failure) -> Bool {
    var reader = Reader(inbound.region, from: inbound.start, to: inbound.end)
    let first = reader.byte()
    var length = 0
    var shift = 0
    var more = true
    while more {
      let byte = reader.byte()
      if reader.failed { return false }
      length |= Int(byte & 0x7F) << shift
      shift &+= 7
      more = byte & 0x80 != 0
      if more && shift == 28 { throw .remainingLength }
    }
    if phase == .greeting && first >> 4 != PacketType.connack { throw .connackExpected }
    if first >> 4 == PacketType.publish { return try publish(&event, first, length, &reader) }

    // Everything else is short, and looked at when all of it is there.
    guard first & 0x0F == 0 else { throw .flags }
    if reader.position &- inbound.start &+ length > inbound.region.count { throw .length }
    if reader.remaining < length { return false }
    let body = reader.position
    inbound.start = body &+ length
    switch first >> 4 {
    case PacketType.connack:
      guard length == 2 else { throw .length }
      try connack(&event, flags: reader.byte(), code: reader.byte())
    case PacketType.puback, PacketType.suback, PacketType.unsuback:
      let identifier = reader.number16()
      guard first >> 4 == PacketType.suback ? length > 2 : length == 2 else { throw .length }
      guard identifier != 0 else { throw .packetIdentifier }
      try acknowledged(&event, first >> 4, identifier, inbound.region.part(body &+ 2, length &- 2))
    case PacketType.pingresp:
      guard length == 0 else { throw .length }
      overdue = 0
    default: throw .packetType
    }
    return true
  }

  private mutating func connack(_ event: inout Event, flags: UInt8, code: UInt8) throws(Failure) {
    guard phase == .greeting else { throw .connackUnexpected }
    guard flags < 2 else { throw .connackFlags }
    guard code < 6 else { throw .connackCode }
    let present = flags == 1
    guard !present || (code == 0 && !cleanSession) else { throw .sessionPresent }
    if code != 0 {
      // The refusals are numbered in the order of their codes.
      throw Failure(Failure.refusedProtocol.code &+ 1 &- Int32(code))
    }
    phase = .connected
    overdue = 0
    resume(sessionPresent: present)
    event.kind = .connected
    event.sessionPresent = present
  }

  /// PUBACK, SUBACK or UNSUBACK. One for nothing in flight is passed over: its message may have been dropped.
  private mutating func acknowledged(
    _ event: inout Event, _ type: UInt8, _ identifier: Int, _ codes: Region
  ) throws(Failure) {
    var offset = outbox.head
    while offset < outbox.cursor {
      let entry = outbox.entry(at: offset)
      offset &+= entry.size
      // Each acknowledgement's type follows that of what it acknowledges.
      guard entry.identifier == identifier, outbox.region[entry.start] >> 4 &+ 1 == type else { continue }
      switch type {
      case PacketType.puback: event.kind = .acknowledged
      case PacketType.unsuback: event.kind = .unsubscribed
      default:
        guard codes.count == entry.filters else { throw .subackCount }
        for place in 0..<codes.count {
          guard codes[place] < 3 || codes[place] == 0x80 else { throw .subackCode }
        }
        event.kind = .subscribed
        event.payload = codes
      }
      event.token = identifier
      if pieces.identifier == identifier { pieces.identifier = 0 }
      inFlight &-= 1
      let shift = outbox.remove(entry)
      if transmitter.kind == .entry { transmitter.shift(by: shift) }
      return
    }
  }

  /// A PUBLISH: all of it when it fits the buffer, else its topic, and then its payload in pieces.
  private mutating func publish(
    _ event: inout Event, _ first: UInt8, _ length: Int, _ reader: inout Reader
  ) throws(Failure) -> Bool {
    let service = first >> 1 & 3
    guard service != 3 else { throw .qualityOfService }
    guard service != 2 else { throw .qualityOfService2 }
    guard service == 1 || first & 8 == 0 else { throw .duplicateFlag }
    let header = reader.position &- inbound.start
    let capacity = inbound.region.count
    // All of a packet that fits is waited for, so that what fits is told in one piece.
    if length <= capacity &- header && reader.remaining < length { return false }
    let topicCount = reader.number16()
    if reader.failed {
      guard length >= 2 else { throw .length }
      return false
    }
    let identifierCount = Int(service) &* 2
    guard topicCount &+ 2 &+ identifierCount <= length else { throw .stringLength }
    guard topicCount > 0 else { throw .topic }
    if service == 1 && deliveries.isFull { return false }

    inbound.total = length &- topicCount &- 2 &- identifierCount
    inbound.topicCount = topicCount
    inbound.identifier = 0
    inbound.flags = MessageFlags(rawValue: service | first << 1 & 2 | first >> 1 & 4)
    if header &+ 2 &+ topicCount &+ identifierCount > capacity {
      inbound.start = reader.position
      inbound.state = .skippedTopic
      inbound.remaining = topicCount
      return true
    }
    let topic = reader.skip(topicCount)
    if service == 1 { inbound.identifier = reader.number16() }
    if reader.failed { return false }
    guard service == 0 || inbound.identifier != 0 else { throw .packetIdentifier }
    event.topic = inbound.region.part(topic, topicCount)
    guard event.topic.bytes.isMQTTText else { throw .topic }
    inbound.start = reader.position
    inbound.state = .payload
    inbound.remaining = inbound.total
    piece(&event)
    return true
  }

  /// Tells what is there of a payload.
  private mutating func piece(_ event: inout Event) {
    event.kind = .message
    event.flags = inbound.flags
    event.total = inbound.total
    event.offset = inbound.total &- inbound.remaining
    let start = inbound.start
    let isFirst = event.offset == 0
    event.payload = inbound.region.part(start, inbound.take())
    if !isFirst { event.topic = inbound.region.part(start, 0) }
    event.topicCount = event.topic.count
    event.token = 0
    if inbound.remaining == 0 {
      inbound.state = .packet
      if inbound.identifier != 0 { event.token = deliveries.open(inbound.identifier) }
    }
  }

  /// Passes over a message whose topic does not fit. False when more bytes are needed.
  private mutating func skip(_ event: inout Event) throws(Failure) -> Bool {
    if inbound.state == .skippedIdentifier {
      guard inbound.available >= 2 else { return false }
      var reader = Reader(inbound.region, from: inbound.start, to: inbound.end)
      inbound.identifier = reader.number16()
      guard inbound.identifier != 0 else { throw .packetIdentifier }
      inbound.start = reader.position
    } else {
      _ = inbound.take()
      if inbound.remaining > 0 { return false }
      if inbound.state == .skippedPayload {
        if inbound.identifier != 0 { _ = deliveries.open(inbound.identifier) }
        inbound.state = .packet
        event.kind = .skipped
        event.topicCount = inbound.topicCount
        event.total = inbound.total
        return true
      }
      if inbound.flags.contains(.acknowledged) {
        inbound.state = .skippedIdentifier
        return true
      }
    }
    inbound.state = .skippedPayload
    inbound.remaining = inbound.total
    return true
  }
}
