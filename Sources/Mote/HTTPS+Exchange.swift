import CMote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTLS

/// What a full property bag says that its message is a batch, in place of an application's property: see mote.h.
package var batchMark: StaticString { "$.batch" }

/// The hub's side: requests, and what their answers mean.
extension HTTPS {
  // MARK: Requests

  /// Begins a POST with the message that begins `bytes`, and takes what is there of its payload.
  @inline(__always) mutating func post(_ bytes: Region, body: Int, length: Int) throws(Failure) -> Int32 {
    if isResting { throw .tokenExpires }
    // What is left of a message from the cloud stands where the request goes.
    guard work == .nothing && http.isReady && settlement == .nothing && headStart >= head.count else {
      isWaited = true
      return TLS.held
    }
    isWaited = false
    guard bytes.count >= body &+ 2 else { throw .state }
    let isAcknowledged = bytes[0] & 0x06 != 0
    let topicCount = bytes.number16(at: body)
    let header = body &+ 2 &+ topicCount &+ (isAcknowledged ? 2 : 0)
    guard bytes.count >= header && length >= header &- body else { throw .state }
    packet = isAcknowledged ? bytes.number16(at: header &- 2) : 0
    payloadLeft = length &- (header &- body)
    let failure = compose(bytes.part(body &+ 2, topicCount))
    if failure == 0 {
      work = .message
    } else if packet != 0 {
      failed = (packet, failure)
      // The message is too large for HTTP's buffers, not the connection.
      throw failure == Failure.tooLarge.code ? .refused : Failure(failure)
    } else {
      // At most once: it goes unnoticed.
      isDiscarding = true
    }
    if payloadLeft == 0 {
      isDiscarding = false
      return Int32(truncatingIfNeeded: header)
    }
    let count = try pass(bytes.part(header, bytes.count &- header))
    return Int32(truncatingIfNeeded: header) &+ max(count, 0)
  }

  /// Writes the request of a message with this topic, whose payload is what is left. A status.
  private mutating func compose(_ topic: Region) -> Int32 {
    var prefix = Writer(.empty)
    prefix.appendTelemetryTopic(of: identity)
    guard topic.count >= prefix.count else { return Failure.state.code }
    var request = http.compose(("POST" as StaticString).bytes)
    let identity = identity
    request.write { $0.appendEventsTarget(of: identity) }
    request.endTarget(host: identity.host.bytes)
    authorise(&request)
    var isBatch = false
    var bag = PropertyBag(topic.part(prefix.count, topic.count &- prefix.count))
    // Names and values are decoded where nothing has been received.
    let half = memory.receiving.count &>> 1
    let buffer = memory.receiving.part(half, memory.receiving.count &- half)
    while true {
      switch bag.next(into: buffer) {
      case .none:
        request.appendHeader(
          ("Content-Type" as StaticString).bytes,
          isBatch
            ? ("application/vnd.microsoft.iothub.json" as StaticString).bytes
            : ("application/octet-stream" as StaticString).bytes)
        return HTTPConnection.send(&http, &request, body: .empty, pieces: payloadLeft)
      case .malformed: return Failure.property.code
      case .tooLarge: return Failure.tooLarge.code
      case .property(let name, let value):
        let property = buffer.part(0, name)
        if property.bytes.equals(batchMark.bytes) {
          isBatch = true
          continue
        }
        var writer = Writer(memory.receiving.part(0, half))
        guard writer.appendHeaderName(ofProperty: property.bytes) else { return Failure.property.code }
        guard writer.fits else { return Failure.tooLarge.code }
        request.appendHeader(writer.written.bytes, buffer.part(name, value ?? 0).bytes)
      }
    }
  }

  /// Says who asks.
  private mutating func authorise(_ request: inout RequestWriter) {
    if tokenCount == 0 { return }
    request.appendHeader(
      ("Authorization" as StaticString).bytes,
      memory.sending.part(memory.sending.count &- tokenCount, tokenCount).bytes)
  }

  /// Passes a payload on: how many bytes, 0 for none before the port can send.
  mutating func pass(_ bytes: Region) throws(Failure) -> Int32 {
    var taken = 0
    let most = min(bytes.count, payloadLeft)
    if isDiscarding { taken = most } else { taken = http.join(bytes.part(0, most)) }
    while !isDiscarding && taken < most {
      guard try flush(), let wanted = http.wanted else { break }
      let count = min(wanted.room.count, most &- taken)
      wanted.room.copy(bytes.part(taken, count).bytes, to: 0)
      try http.supplied(count)
      taken &+= count
    }
    payloadLeft &-= taken
    if payloadLeft == 0 { isDiscarding = false }
    return Int32(truncatingIfNeeded: taken)
  }

  /// Sends what is to be sent. Whether all of it has left.
  private mutating func flush() throws(Failure) -> Bool {
    while true {
      let bytes = http.transmission
      if bytes.count == 0 { return true }
      let count = tls.send(bytes)
      if count < 0 { throw lost(count) }
      if count == 0 { return false }
      http.sent(Int(count))
      hasMoved = true
    }
  }

  /// Why the connection ends that TLS calls so.
  private mutating func lost(_ status: Int32) -> Failure {
    let isEnd = status == MOTE_ERROR_CLOSED || status == MOTE_ERROR_RESET
    return isProven && isEnd ? .tokenExpires : Failure(status)
  }

  /// Begins what is to be asked next, when there is something.
  private mutating func ask() throws(Failure) {
    guard work == .nothing, settlement != .nothing || isPollWanted && lockCount == 0 && !hasLeft else { return }
    if isResting { throw .tokenExpires }
    guard http.isReady else { return }
    let isSettling = settlement != .nothing
    let method: StaticString = !isSettling ? "GET" : settlement == .abandon ? "POST" : "DELETE"
    var request = http.compose(method.bytes)
    let identity = identity
    let kind = settlement
    let count = isSettling ? lockCount : 0
    let lock = lock
    request.write {
      $0.appendDeviceBoundTarget(
        of: identity, lock: lock.span.extracting(first: count), rejecting: kind == .reject,
        abandoning: kind == .abandon)
    }
    request.endTarget(host: identity.host.bytes)
    authorise(&request)
    let status = HTTPConnection.send(&http, &request, body: .empty, pieces: 0)
    if status != 0 { throw Failure(status) }
    work = isSettling ? .settle : .poll
    isTurnDue = true
  }

  // MARK: Responses

  /// Goes on with what is under way. 1: there may be something for the session; 0: something has to come; ``TLS/held``: something
  /// has to leave.
  @inline(__always) mutating func exchange() throws(Failure) -> Int32 {
    var event = HTTPEvent()
    if try http.next(&event) {
      try take(event)
      return 1
    }
    try ask()
    if isResting { return hasLeft ? Failure.httpClosed.code : 0 }
    if hasLeft && work == .nothing { throw .httpClosed }
    let isFlushed = try flush()
    let space = http.space()
    guard space.count > 0 else { return 1 }
    let count = tls.receive(space)
    if count > 0 {
      http.received(Int(count))
      hasMoved = true
      isOverdue = false
      isProven = false
      return 1
    }
    if count == 0 {
      // What has come by now has been taken.
      if isOverdue && work != .nothing { throw .timedOut }
      return isFlushed ? 0 : TLS.held
    }
    guard count == Failure.httpClosed.code && (work == .nothing || !isProven) else { throw lost(count) }
    if work == .nothing {
      rest()
    } else {
      // Of a message without a length nobody could tell whether it was all of it.
      if isHeadOpen { throw .httpCut }
      http.closed()
    }
    return 1
  }

  private mutating func take(_ event: HTTPEvent) throws(Failure) {
    switch event.kind {
    case .none, .skipped: return
    case .response:
      status = event.status
      problem = HubProblem()
      if work == .poll && status == 200 { try beginMessage() }
    case .header: try takeHeader(event.name, event.value)
    case .body:
      if isHeadOpen { try endHead(event.total) }
      if isHeadOpen {
        head.append(event.piece.bytes)
      } else if work == .poll && status == 200 {
        if head.fits { piece = event.piece }
      } else {
        problem.take(event.piece.bytes)
      }
    case .complete:
      if isHeadOpen {
        try endHead(nil)
        try endHead(head.count &- headStart)
      }
      let done = work
      work = .nothing
      isProven = true
      try conclude(done)
      if !event.keepsConnection { rest() }
    }
  }

  private mutating func takeHeader(_ name: Region, _ value: Region) throws(Failure) {
    if name.bytes.equalsIgnoringCase("retry-after") { retrySeconds = value.retrySeconds }
    guard isHeadOpen else { return }
    if name.bytes.equalsIgnoringCase("etag") {
      // A proxy that gives the body another form makes it weak (RFC 9110, 8.8.3); the lock is the same.
      let weak = value.bytes.hasPrefixIgnoringCase("w/") ? 2 : 0
      let tag = value.part(weak, value.count &- weak)
      let isQuoted = tag.count > 1 && tag[0] == UInt8(ascii: "\"") && tag[tag.count &- 1] == tag[0]
      let token = isQuoted ? tag.part(1, tag.count &- 2) : tag
      guard token.count <= lock.count else { throw .httpHeader }
      for place in 0..<token.count { lock[place] = token[place] }
      lockCount = token.count
      return
    }
    let start = head.count
    if !isFirstProperty { head.append(UInt8(ascii: "&")) }
    guard head.appendPropertyName(ofHeader: name.bytes) else { return head.rewind(to: start) }
    head.append(UInt8(ascii: "="))
    head.appendPercentEncoded(value.bytes)
    isFirstProperty = false
  }

  /// Begins a message to the session, in the send buffer, where the request was.
  private mutating func beginMessage() throws(Failure) {
    guard http.transmission.count == 0 else { throw .httpUnexpected }
    head = Writer(memory.sending.part(0, memory.sending.count &- tokenCount), from: fixedHeaderRoom)
    head.append16(0)
    head.append("devices/")
    head.append(identity.device.bytes)
    head.append("/messages/devicebound/")
    headStart = 0
    isHeadOpen = true
    isFirstProperty = true
    lockCount = 0
  }

  /// Ends its head. MQTT says first how long the message is: what comes without a length, in chunks, is gathered behind the head,
  /// from `headStart` on, until it is complete.
  private mutating func endHead(_ total: Int?) throws(Failure) {
    if headStart == 0 {
      guard lockCount > 0 else { throw .httpHeader }
      head.closeField(fixedHeaderRoom &+ 2)
      lastDelivery = lastDelivery == 0xFFFF ? 1 : lastDelivery &+ 1
      head.append16(lastDelivery)
      headStart = head.count
    }
    guard let total else { return }
    isHeadOpen = false
    if !head.fits {
      // It is told, and the hub rejects it: else it would come for ever.
      skipped = (headStart, total)
      headStart = head.count
      settlement = .reject
      return
    }
    headStart = head.region.setFixedHeader(
      0x32, remainingLength: headStart &- fixedHeaderRoom &+ total, before: fixedHeaderRoom)
  }

  /// What an answer means.
  private mutating func conclude(_ done: Work) throws(Failure) {
    let isGood = status &- 200 < 100 && status >= 200
    isTurnDue = true
    switch done {
    case .nothing: break
    case .message:
      if isGood {
        if packet != 0 {
          try answer(0x40, UInt8(truncatingIfNeeded: packet &>> 8), UInt8(truncatingIfNeeded: packet))
        }
        status = 0
        return
      }
    case .poll:
      if isGood {
        // There may be more when it is settled.
        if status != 200 {
          isPollWanted = false
          isScheduling = true
        }
        status = 0
        return
      }
    case .settle:
      switch status {
      // A lock that is lost is none any more: the message comes again. And what the hub does not take now it never will.
      case 200..<300, 400, 402, 404...407, 409...428, 430..<500:
        settlement = .nothing
        wanted = .complete
        lockCount = 0
        isPollWanted = true
        status = 0
        return
      default: break
      }
    }
    switch status {
    case 401, 403, 404: throw .authorisation
    case 400, 413, 415:
      if done == .message { failed = (packet, Failure.refused.code) }
      throw .refused
    default: throw .unavailable
    }
  }
}
