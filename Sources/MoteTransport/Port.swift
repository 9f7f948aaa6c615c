// MoteTransport: the way of bytes below the protocols: a port, and the stack on it from the name to TLS.

public import CMote
import MoteBytes

/// The platform below a client: one TCP connection, random bytes and the time of day.
///
/// It is `mote_port` itself, a table of C functions, rather than a protocol: a firmware writes it in C, mbedTLS calls it
/// from C, and the client is compiled once for all of them.
@safe public struct Port {
  let port: UnsafePointer<mote_port>

  /// Borrows `port`, which has all its functions. Unsafe, because the compiler can see neither that, nor how long it lives,
  /// nor what the functions do.
  @unsafe public init(_ port: UnsafePointer<mote_port>) { unsafe self.port = port }

  // All calls below are sound: whoever made the port promised that it is whole, and that it and its context outlive this
  // value; other pointers are used within the call.

  /// Looks `name` up: how many addresses there are, 0 for not yet, or a `mote_status`.
  func resolve(_ name: Region) -> Int32 {
    Port.status(
      unsafe port.pointee.resolve.unsafelyUnwrapped(
        port.pointee.context, UnsafeRawPointer(name.pointer).assumingMemoryBound(to: CChar.self), name.count))
  }

  /// Opens TCP to an address: 1 when it is open, 0 for not yet, 2 for not before something comes, or a `mote_status`.
  func connect(address: Int32, portNumber: UInt16) -> Int32 {
    Port.status(unsafe port.pointee.connect.unsafelyUnwrapped(port.pointee.context, address, portNumber))
  }

  /// What a port says, with MOTE_ERROR_NETWORK for a number of its own that would mean something else here.
  private static func status(_ result: Int32) -> Int32 {
    result < 0 && !(MOTE_ERROR_PROXY_ANSWER...MOTE_ERROR_NAME_NOT_FOUND ~= result) ? MOTE_ERROR_NETWORK : result
  }

  func close() { unsafe port.pointee.close.unsafelyUnwrapped(port.pointee.context) }

  /// A random number; 0 when the port gives none.
  @inline(never) public func random() -> UInt32 {
    var number: UInt32 = 0
    unsafe withUnsafeMutableBytes(of: &number) { bytes in
      _ = unsafe port.pointee.entropy.unsafelyUnwrapped(
        port.pointee.context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    return number
  }

  /// UTC in seconds since 1970; 0 or less while it is unknown.
  public var wallSeconds: Int64 { unsafe port.pointee.wall_seconds.unsafelyUnwrapped(port.pointee.context) }
}
