import Glibc
import MoteLinux

/// A line on the terminal that counts, for sends that take long. Nothing when there is no terminal.
struct Progress {
  private let isShown: Bool
  private let start = LinuxPort.now
  /// First after a second: a short send needs none.
  private var nextTime = LinuxPort.now + 1_000
  private var isDrawn = false

  init(isShown: Bool) { self.isShown = isShown && Console.isTerminal }

  /// When it is to be drawn again.
  var deadline: UInt64 { isShown ? nextTime : .max }

  /// Draws the line anew when it is time.
  mutating func update(acknowledged: Int, of limit: Int?) {
    let now = LinuxPort.now
    guard isShown && now >= nextTime else { return }
    nextTime = now + 500
    isDrawn = true
    let whole = limit.map { " of \($0)" } ?? ""
    let rate = acknowledged * 1_000 / Int(now - start)
    _ = write(Array("\r\u{1B}[K\(acknowledged)\(whole) messages acknowledged, \(rate)/s".utf8), to: STDERR_FILENO)
  }

  /// Takes the line away.
  mutating func clear() {
    if isDrawn { _ = write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    isDrawn = false
  }

  /// Seconds since the start, with a tenth.
  var elapsed: String {
    let tenths = (LinuxPort.now - start) / 100
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
