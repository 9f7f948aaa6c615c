import CMoteCommand
import Glibc

/// What wakes the program beside its connection: Ctrl-C, SIGTERM, and input that has come.
final class Wakeup {
  /// Can be read when something woke.
  let descriptor: Int32
  private let signals: Int32
  private var watched: Int32?

  /// Takes over the signals, before any other thread starts.
  init() throws(Explanation) {
    var signals: Int32 = -1
    unsafe descriptor = mote_command_wakeup_open(&signals)
    self.signals = signals
    guard descriptor >= 0 else { throw Explanation(.software, "Signals cannot be caught: \(systemError()).") }
  }

  deinit {
    close(descriptor)
    close(signals)
  }

  /// Watches `input`, or nothing. What cannot be watched can always be read, as a file.
  func watch(_ input: Int32?) {
    guard input != watched else { return }
    if let watched { _ = mote_command_wakeup_watch(descriptor, watched, 0) }
    watched = input
    if let input { _ = mote_command_wakeup_watch(descriptor, input, 1) }
  }

  /// Wakes up also when `descriptor` can be read, or no longer.
  func wake(for descriptor: Int32, _ isWanted: Bool) {
    _ = mote_command_wakeup_watch(self.descriptor, descriptor, isWanted ? 1 : 0)
  }

  /// How the program is to end, when it was told to.
  func takeSignal() -> Exit? {
    switch mote_command_wakeup_signal(signals) {
    case 0: nil
    case SIGTERM: .terminated
    default: .interrupted
    }
  }
}
