// MoteTLS: a TLS client over mbedTLS. What it does is in CMoteTLS, the only place that knows mbedTLS's types; here
// it gets Swift's.

public import CMote
public import CMoteTLS
public import MoteBytes

/// A caller's `mote_tls`, over which one connection after another is made, or something that stands on it and is used in its
/// place.
@safe public struct TLS {
  /// What it does, as a table of C functions.
  public typealias Calls = mote_tls_calls
  /// What ``receive(_:)`` gives when nothing can come before what is owed has been sent.
  public static var held: Int32 { MOTE_TLS_HELD }

  /// What ``step()`` gives.
  public static var wantsRead: Int32 { MOTE_TLS_WANTS_READ }
  public static var wantsWrite: Int32 { MOTE_TLS_WANTS_WRITE }

  private let state: OpaquePointer
  private let calls: UnsafePointer<Calls>

  /// Borrows `tls`, which was initialised by `mote_tls_init`. Unsafe, because the compiler cannot see how long it lives.
  @unsafe public init(_ tls: OpaquePointer) {
    unsafe self.init(tls, unsafe mote_tls_own_calls())
  }

  /// Something that stands on TLS: functions, and what they are called with. Unsafe, because the compiler cannot see what
  /// they do.
  @unsafe public init(_ state: OpaquePointer, _ calls: UnsafePointer<Calls>) {
    unsafe self.state = state
    unsafe self.calls = calls
  }

  // All calls below are sound: `state` outlives this value, its table has all its functions, and every other pointer is
  // used within the call.

  /// Begins a connection to the server named `name` over `port`, which is connected. A `mote_status`.
  public func start(_ port: UnsafePointer<mote_port>, name: Region, wallSeconds: Int64) -> Int32 {
    unsafe calls.pointee.start.unsafelyUnwrapped(
      state, port, UnsafeRawPointer(name.pointer).assumingMemoryBound(to: CChar.self), name.count, wallSeconds)
  }

  /// Does one step of the handshake: 1 when it is done, 0 when another can be done now, ``wantsRead``, ``wantsWrite``, or a
  /// `mote_status`.
  public func step() -> Int32 { unsafe calls.pointee.handshake.unsafelyUnwrapped(state) }

  /// Sends; how many bytes were taken, 0 for none now, or a `mote_status`. What was not taken is to be offered again. `front`:
  /// how many bytes before them may be used during the call too, and are then as they were.
  public func send(_ bytes: Region, front: Int = 0) -> Int32 {
    unsafe calls.pointee.send.unsafelyUnwrapped(state, bytes.pointer, bytes.count, front)
  }

  /// Receives; how many bytes came, 0 for none now, ``held``, or a `mote_status`.
  public func receive(_ room: Region) -> Int32 {
    unsafe calls.pointee.receive.unsafelyUnwrapped(state, room.pointer, room.count)
  }

  /// Says goodbye and forgets the connection.
  public func close() { unsafe calls.pointee.close.unsafelyUnwrapped(state) }

  /// mbedTLS's code of the last failure, or 0.
  public var libraryCode: Int32 { unsafe calls.pointee.library_code.unsafelyUnwrapped(state) }
}
