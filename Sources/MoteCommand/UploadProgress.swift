import Glibc
import MoteLinux

/// How far an upload is: a bar on the terminal, or a line now and then where there is none.
struct UploadProgress {
  private let length: UInt64?
  private let isTerminal = Console.isTerminal
  private let start = LinuxPort.now
  private var nextTime: UInt64
  private var offset: UInt64 = 0
  private var isDrawn = false

  /// For a file of `length` bytes; nil when that is not known.
  init(length: UInt64?) {
    self.length = length
    // A short one needs none.
    nextTime = start + (isTerminal ? 500 : 10_000)
  }

  /// When it is to be drawn again.
  var deadline: UInt64 { nextTime }

  /// Draws it anew when it is time.
  mutating func update(_ offset: UInt64) {
    self.offset = offset
    let now = LinuxPort.now
    guard now >= nextTime else { return }
    nextTime = now + (isTerminal ? 250 : 10_000)
    if !isTerminal { return complain(text(now)) }
    isDrawn = true
    _ = write(Array("\r\u{1B}[K\(bar)\(text(now))".utf8), to: STDERR_FILENO)
  }

  /// Takes the line away.
  mutating func clear() {
    if isDrawn { _ = write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    isDrawn = false
  }

  private var bar: String {
    guard let length, length > 0 else { return "" }
    let done = Int(24 * min(offset, length) / length)
    return "[" + String(repeating: "#", count: done) + String(repeating: ".", count: 24 - done) + "] "
  }

  private func text(_ now: UInt64) -> String {
    let rate = offset * 1_000 / max(now - start, 1)
    guard let length else { return "\(Self.size(offset)), \(Self.size(rate))/s" }
    let share = length == 0 ? 100 : offset * 100 / length
    let left = rate == 0 || offset > length ? "" : ", \(Self.time((length - offset) / rate)) left"
    return "\(share) % of \(Self.size(length)), \(Self.size(rate))/s\(left)"
  }

  /// What became of it: bytes, time and rate.
  var summary: String {
    let milliseconds = max(LinuxPort.now - start, 1)
    let bytes = length ?? offset
    let tenths = milliseconds / 100
    return "\(Self.size(bytes)) in \(tenths / 10).\(tenths % 10) s (\(Self.size(bytes * 1_000 / milliseconds))/s)"
  }

  /// Bytes as one reads them: `512 B`, `1.5 KiB`, `20.3 MiB`.
  private static func size(_ bytes: UInt64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    guard bytes >= 1_024 else { return "\(bytes) B" }
    var unit = 0
    var value = bytes
    while value >= 1_024 * 1_024 && unit < units.count - 1 {
      value /= 1_024
      unit += 1
    }
    let tenths = value * 10 / 1_024
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  private static func time(_ seconds: UInt64) -> String {
    seconds < 60
      ? "\(seconds) s" : seconds < 3_600 ? "\(seconds / 60) min" : "\(seconds / 3_600) h \(seconds / 60 % 60) min"
  }
}
