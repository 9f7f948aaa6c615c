import CMote
import MoteBytes
import MoteHub

extension Failure {
  static var tokenExpires: Self { Self(-43) }
  static var displaced: Self { Self(-136) }
}

/// When a client connects again: exponential backoff with jitter, and how each way to lose a connection is taken.
public struct Backoff {
  /// Its limits, in milliseconds.
  public struct Limits {
    /// Most that the first wait lasts; after each failure the next may last twice as long.
    public var base: UInt32 = 1_000
    /// Most that a wait lasts, but for what waiting hardly mends: then ten times as long.
    public var most: UInt32 = 60_000
    /// How long a connection has to last for the waits to begin with `base` again.
    public var stable: UInt32 = 60_000

    public init() {}

    /// Most that the wait after one of at most `wait` lasts.
    func doubled(_ wait: UInt32) -> UInt32 { wait > most &>> 1 ? most : wait &<< 1 }
  }

  let limits: Limits
  /// Most that the next wait lasts, as far as `limits` let it.
  private var next: UInt32
  /// How many connections in a row the hub has closed soon after accepting them, up to two.
  private var closures: UInt8 = 0
  /// Whether the hub has refused a token, and has not accepted one since.
  private var isRefused = false

  init(_ limits: Limits) {
    self.limits = limits
    next = limits.base
  }

  /// The hub accepted the token.
  mutating func accepted() { isRefused = false }

  /// Notes that a connection ended so long after the hub had accepted the client. Whether that was soon.
  mutating func ended(after lasted: UInt64) -> Bool {
    let stable = UInt64(widened: UInt(limits.stable))
    if lasted >= stable { next = limits.base }
    let isSoon = lasted < stable &+ UInt64(widened: UInt(limits.most))
    if !isSoon { closures = 0 }
    return isSoon
  }

  /// For how many milliseconds to wait after a connection ended because of `status`; nil: it is not tried again, since
  /// the configuration is wrong. `isSoon`: the hub had accepted the client, but not for long. `random` decides between half of the
  /// wait and all of it. A status that tells of more than one loss is put in place.
  mutating func wait(after status: inout Int32, isSoon: Bool, random: UInt32) -> UInt64? {
    if status == MOTE_ERROR_TOKEN_EXPIRES { return 0 }
    var most = min(next, limits.most)
    var isSlow = false
    next = limits.doubled(most)
    switch status {
    case MOTE_ERROR_ARGUMENT, MOTE_ERROR_TLS_CREDENTIALS, MOTE_ERROR_TLS_LIBRARY, MOTE_ERROR_REFUSED_PROTOCOL,
      MOTE_ERROR_REFUSED_IDENTIFIER, MOTE_ERROR_SUBSCRIPTION_REFUSED, MOTE_ERROR_TOO_LARGE:
      return nil
    case MOTE_ERROR_TLS_RECORD_SIZE...MOTE_ERROR_CERTIFICATE_EXPIRED,
      MOTE_ERROR_PROXY_FORBIDDEN...MOTE_ERROR_PROXY_CREDENTIALS:
      isSlow = true
    case MOTE_ERROR_REFUSED_AUTHORISATION, MOTE_ERROR_REFUSED_CREDENTIALS:
      // Once more with a fresh token. When that is refused too, the key, the clock or the hub's registry has to change.
      isSlow = isRefused
      isRefused = true
    case MOTE_ERROR_CLOSED, MOTE_ERROR_RESET:
      // A hub closes again and again when another client has the same identity, which may wait as long as this one. A bad
      // line does so now and then.
      guard isSoon else { break }
      if closures < 2 {
        closures &+= 1
      } else {
        status = Failure.displaced.code
        most = limits.most
      }
    default: break
    }
    if isSlow { most = limits.most }
    return Backoff.wait(upTo: most, isSlow: isSlow, random: random)
  }

  /// A wait between half of `most` and all of it, as `random` decides; ten times as long when it `isSlow`.
  static func wait(upTo most: UInt32, isSlow: Bool = false, random: UInt32) -> UInt64 {
    let share = (0x1_0000 | random &>> 16) &* (isSlow ? 10 : 1)
    return (UInt64(widened: UInt(most)) &* UInt64(widened: UInt(share))) &>> 17
  }
}

extension Region {
  /// The seconds that this `Retry-After` wants (RFC 9110, 10.2.3), a day at most. What is no number that fits, as a date is
  /// none, stands for five minutes.
  var retrySeconds: UInt32 {
    let seconds = number
    return seconds > 0 || count == 0 || self[0] == UInt8(ascii: "0") ? min(seconds, 86_400) : 300
  }
}
