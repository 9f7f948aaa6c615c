import CMoteCommand
import Glibc
import MoteLinux

/// Time of day, for people.
enum Clock {
  /// How far a token's clock may be from the hub's, in seconds.
  static let tolerance: Int64 = 300

  /// UTC, in seconds since 1970.
  static var now: Int64 {
    var time = timespec()
    // Sound: it lives for the call.
    return unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 ? Int64(time.tv_sec) : 0
  }

  /// Whether the kernel knows of somebody who keeps the clock right.
  static var isKept: Bool { mote_command_clock_is_kept() != 0 }

  /// A time as people write it.
  static func text(_ seconds: Int64) -> String {
    unsafe written { (buffer, count) in unsafe mote_command_time_text(seconds, buffer, count) }
  }

  /// A length of time in its largest unit.
  static func span(_ seconds: Int64) -> String {
    let seconds = seconds.magnitude
    func count(_ unit: UInt64, _ name: String) -> String {
      seconds / unit == 1 ? "1 \(name)" : "\(seconds / unit) \(name)s"
    }
    switch seconds {
    case ..<120: return count(1, "second")
    case ..<7_200: return count(60, "minute")
    case ..<172_800: return count(3_600, "hour")
    default: return count(86_400, "day")
    }
  }

  /// The time that HTTP's `Date` tells, or nil.
  static func seconds(date: String) -> Int64? {
    let seconds = unsafe mote_command_http_date(date)
    return seconds > 0 ? seconds : nil
  }
}

extension LinuxPort {
  /// How many seconds are left until `deadline`, rounded.
  static func seconds(until deadline: UInt64) -> UInt64 {
    let now = now
    return deadline > now ? (deadline - now + 500) / 1_000 : 0
  }
}
