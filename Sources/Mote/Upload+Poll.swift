import CMote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTLS
import MoteTransport

/// Most that is done in one poll, for a line that takes everything.
private var turnLimit: Int { 16 }

extension Upload {
  /// Does what can be done now, and takes the next event; false when there is none, and the event says when to poll again.
  ///
  /// The longest step without return is one step of the TLS handshake.
  public mutating func poll(now: UInt64, _ event: inout UploadEvent) -> Bool {
    event = UploadEvent()
    var turns = turnLimit
    while step != .idle {
      do throws(Failure) {
        // What the hub answers has to be heard, for it to be told.
        if isCancelled && !(isAsked && step == .ask) && step != .notify { throw .cancelled }
        if turns == 0 {
          event.deadline = now
          break
        }
        // What the other end says early is heard before more is sent.
        let goesOn = try turn(now: now, listens: turns == turnLimit, &event)
        if event.kind == .none && !goesOn { break }
      } catch {
        fail(error.code, now: now, &event)
      }
      if event.kind != .none { break }
      turns = max(turns &- 1, 0)
    }
    event.offset = position
    return event.kind != .none
  }

  /// How many bytes of the file have been read, but for those that were read in vain.
  private var position: UInt64 {
    let passed = step != .put && step != .block ? 0 : length == Upload.unknown ? filled : isAsked ? http.passed : 0
    return confirmed &+ UInt64(widened: UInt(bitPattern: passed))
  }

  /// Does one thing. Whether there is more to do at once; the event says what there is to wait for.
  private mutating func turn(now: UInt64, listens: Bool, _ event: inout UploadEvent) throws(Failure) -> Bool {
    if now < resumption {
      event.deadline = resumption
      return false
    }
    if transport.stage == .closed { try open(now: now) }
    if transport.stage != .open {
      // A step of the handshake is long enough for a poll.
      let again = try transport.advance(now: now)
      event.waitsToRead = transport.waitsToRead
      event.waitsToWrite = transport.waitsToWrite
      event.deadline = again ? now : transport.deadline
      return false
    }
    var answer = HTTPEvent()
    if try http.next(&answer) {
      try take(answer, &event)
      return true
    }
    if !isAsked {
      guard try fill(now: now, &event) else { return false }
      try ask()
      patience(now)
      return true
    }
    if listens {
      if try receive(now: now) { return true }
    }
    let bytes = http.transmission
    if bytes.count > 0 {
      let count = try transport.send(bytes, front: 0)
      if count > 0 {
        http.sent(count)
        patience(now)
        return true
      }
      event.waitsToWrite = count == 0
    } else if let (room, offset) = http.wanted {
      let count = try supply(room, at: offset)
      if count > 0 {
        try http.supplied(count)
        return true
      }
      event.deadline = now &+ Upload.sourceInterval
      if now >= overdue { throw .sourceStalled }
    }
    if try receive(now: now) { return true }
    if now >= overdue { throw .timedOut }
    event.waitsToRead = true
    event.deadline = min(event.deadline, overdue)
    return false
  }

  /// Something has moved: the other end has its time anew.
  private mutating func patience(_ now: UInt64) {
    overdue = now &+ UInt64(widened: UInt(options.response))
  }

  /// Takes what has come. Whether something has.
  private mutating func receive(now: UInt64) throws(Failure) -> Bool {
    let space = http.space()
    do throws(Failure) {
      let count = try transport.receive(space)
      if count <= 0 { return false }
      http.received(count)
      patience(now)
    } catch {
      guard error == .httpClosed else { throw error }
      http.closed()
    }
    return true
  }
}
