// MoteTLS: a TLS client over mbedTLS. What it does is in CMoteTLS, the only place that knows mbedTLS's types; here
// it gets Swift's.

public import CMote
private import CMoteTLS
public import MoteBytes

/// A caller's `mote_tls`, over which one connection after another is made.
@safe public struct TLS {
  private let tls: OpaquePointer

  /// Borrows `tls`, which was initialised by `mote_tls_init`. Unsafe, because the compiler cannot see how long it lives.
  @unsafe public init(_ tls: OpaquePointer) { unsafe self.tls = tls }

  /// What a step of the handshake ended with.
  public enum Progress {
    case done
    /// Another step can be done now.
    case again
    case wantsRead
    case wantsWrite
    case failed(Int32)
  }

  // All calls below are sound: `tls` outlives this value, and every pointer is used within the call.

  /// Begins a connection to the server named `name` over `port`, which is connected. A `mote_status`.
  public func start(_ port: UnsafePointer<mote_port>, name: Span<UInt8>, wallSeconds: Int64) -> Int32 {
    unsafe name.withUnsafeBytes {
      unsafe mote_tls_start(tls, port, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, wallSeconds)
    }
  }

  /// Does one step of the handshake.
  public func handshake() -> Progress {
    switch unsafe mote_tls_handshake(tls) {
    case 0: .again
    case 1: .done
    case MOTE_TLS_WANTS_READ: .wantsRead
    case MOTE_TLS_WANTS_WRITE: .wantsWrite
    case let status: .failed(status)
    }
  }

  /// Whether the open connection was made by resuming the session of an earlier one.
  public var wasResumed: Bool { unsafe mote_tls_was_resumed(tls) != 0 }

  /// Sends; how many bytes were taken, 0 for none now, or a `mote_status`. What was not taken is to be offered again.
  public func send(_ bytes: Region) -> Int32 { unsafe mote_tls_send(tls, bytes.pointer, bytes.count) }

  /// Receives; how many bytes came, 0 for none now, or a `mote_status`.
  public func receive(_ room: Region) -> Int32 { unsafe mote_tls_receive(tls, room.pointer, room.count) }

  /// Says goodbye and forgets the connection.
  public func close() { unsafe mote_tls_close(tls) }

  /// mbedTLS's code of the last failure, or 0.
  public var libraryCode: Int32 { unsafe mote_tls_library_code(tls) }
}
