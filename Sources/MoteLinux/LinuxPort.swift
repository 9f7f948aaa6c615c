// MoteLinux: the port for Linux boards. What meets the operating system is C, in CMoteLinux; here it gets Swift's types.

public import CMote
private import CMoteLinux
public import MoteTransport

/// A Linux port's memory: a connection's state and the table of functions over it. It never moves.
@safe public struct LinuxPort: ~Copyable {
  private let state: UnsafeMutablePointer<mote_linux>
  private let table: UnsafeMutablePointer<mote_port>

  /// A port over the caller's memory, which must outlive it. Unsafe, because the compiler cannot see how long it lives.
  @unsafe public init(state: UnsafeMutablePointer<mote_linux>, table: UnsafeMutablePointer<mote_port>) {
    unsafe self.state = state
    unsafe self.table = table
    unsafe mote_linux_init(state)
    unsafe table.initialize(to: mote_port_linux(state))
  }

  /// The port, as a client takes it. It must not outlive this value's memory.
  public var port: Port { unsafe Port(table) }

  /// Sleeps until the port can be read or written, `deadline` has come, or the file descriptor `other` can be read. Whether
  /// `other` can.
  public func wait(toRead: Bool, toWrite: Bool, until deadline: UInt64, other: Int32 = -1) -> Bool {
    let wait = (toRead ? MOTE_WAIT_READ : 0) | (toWrite ? MOTE_WAIT_WRITE : 0)
    return unsafe mote_linux_wait(state, wait, deadline, other) == 1
  }

  /// Monotonic time in milliseconds: what Mote calls `now`.
  public static var now: UInt64 { mote_linux_now() }
}
