import CMote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteTLS
import MoteTransport

/// What the hub and the storage answer, and what becomes of it.
extension Upload {
  mutating func take(_ inner: HTTPEvent, _ event: inout UploadEvent) throws(Failure) {
    switch inner.kind {
    case .none, .skipped: return
    case .response: httpStatus = inner.status
    case .header:
      if inner.name.bytes.equalsIgnoringCase("retry-after") {
        retrySeconds = inner.value.retrySeconds
      }
    case .body:
      if step == .ask && httpStatus < 300 {
        answer.take(inner.piece.bytes)
      } else {
        problem.take(inner.piece.bytes)
      }
    case .complete:
      isAsked = false
      isProven = true
      let wasAtHub = step.isAtHub
      try httpStatus < 300 ? conclude(&event) : refuse()
      if step != .idle && (!inner.keepsConnection || step.isAtHub != wasAtHub) { drop() }
    }
  }

  /// The step's request was granted.
  private mutating func conclude(_ event: inout UploadEvent) throws(Failure) {
    failures = 0
    switch step {
    case .idle: break
    case .ask:
      guard answer.isComplete else { throw answer.isTooSmall ? .httpTooLarge : .uploadAnswer }
      hasMoved = false
      step = .block
      if blocks == 0 && length <= UInt64(widened: UInt(bitPattern: blockSize)) { step = .put }
      if length == confirmed && blocks > 0 { step = .list }
    case .put, .block:
      // Who thanks for a part has not all of it.
      guard length == Upload.unknown || http.passed == bodyCount else { throw .httpUnexpected }
      let count = length == Upload.unknown ? filled : http.passed
      confirmed &+= UInt64(widened: UInt(bitPattern: count))
      filled = 0
      hasMoved = true
      event.kind = .progress
      event.step = step
      if step == .put {
        step = .notify
      } else {
        blocks &+= 1
        if confirmed == length || isAtEnd { step = .list }
      }
    case .list: step = .notify
    case .notify: finish(&event)
    }
  }

  /// The step's request was refused.
  private mutating func refuse() throws(Failure) {
    if httpStatus == 408 || httpStatus == 429 || httpStatus >= 500 { throw .unavailable }
    if step.isAtHub {
      throw httpStatus == 401 || httpStatus == 403 || httpStatus == 404 ? .authorisation : .refused
    }
    // What lets the file go there lasts an hour or so. The blocks that are there stay.
    isRenewing = httpStatus == 403 && hasMoved && length != Upload.unknown
    throw .storage
  }

  /// Something failed: it is tried again, or given up.
  mutating func fail(_ status: Int32, now: UInt64, _ event: inout UploadEvent) {
    let libraryCode = transport.stage == .closed ? 0 : transport.tls.libraryCode
    let refusal = httpStatus < 300 ? 0 : httpStatus
    let code = problem.code != 0 ? problem.code : refusal != 0 ? refusal &* 1_000 : libraryCode
    // A server that keeps the connection no longer has not failed.
    let isCut = isProven && (status == MOTE_ERROR_CLOSED || status == MOTE_ERROR_RESET)
    drop()
    if isCut { return }
    event.step = step
    event.status = status
    event.code = code
    failures &+= 1
    if status.isPassing && failures < options.attempts {
      var most = min(backoff.base, backoff.most)
      for _ in 1..<failures { most = backoff.doubled(most) }
      let wait = Backoff.wait(upTo: most, random: port.random())
      resumption = now &+ max(wait, UInt64(widened: UInt(retrySeconds)) &* 1_000)
      retrySeconds = 0
      event.kind = .retrying
      event.deadline = resumption
      return
    }
    failures = 0
    // The hub is told at once.
    retrySeconds = 0
    resumption = now
    isCancelled = isCancelled && step == .notify
    let isFirst = outcome.status == 0
    if isFirst { outcome = (status, code, refusal, step) }
    switch step {
    case .put, .block, .list: step = .notify
    default: finish(&event)
    }
  }

  /// The hub knows what became of the file, or will not.
  private mutating func finish(_ event: inout UploadEvent) {
    if isRenewing {
      isRenewing = false
      outcome = (0, 0, 0, .idle)
      step = .ask
      drop()
      return
    }
    event.kind = outcome.status == 0 ? .done : .failed
    event.status = outcome.status
    event.code = outcome.code
    event.step = outcome.step
    end()
  }
}

extension Int32 {
  /// Whether what it tells of may be otherwise in a while.
  fileprivate var isPassing: Bool {
    switch self {
    case MOTE_ERROR_SIGNING: false
    case MOTE_ERROR_TLS_ALERT...MOTE_ERROR_NAME_NOT_FOUND, MOTE_ERROR_REFUSED_UNAVAILABLE,
      MOTE_ERROR_HTTP_UNEXPECTED...MOTE_ERROR_HTTP_STATUS_LINE:
      true
    default: false
    }
  }
}
