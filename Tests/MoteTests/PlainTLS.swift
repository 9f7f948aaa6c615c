import CMote
import CMoteTLS
import MoteTLS

/// What stands in the place of TLS, and hides nothing: bytes to and from a server that a test plays.
@safe final class PlainTLS {
  private let calls: UnsafeMutablePointer<TLS.Calls>
  /// What the server has sent and the client has not received.
  var incoming: [UInt8] = []
  /// What the client has sent.
  var outgoing: [UInt8] = []
  /// Most bytes that are received at a time.
  var step = Int.max
  /// Most bytes that the line takes before the test takes them.
  var capacity = Int.max
  /// Whether the server has closed, behind what is incoming.
  var isClosed = false
  private(set) var starts = 0
  /// How many steps a handshake has, and how many were taken in all.
  var handshakes = 1
  private(set) var steps = 0
  private var left = 0

  init() {
    unsafe calls = .allocate(capacity: 1)
    // Sound: each is called with the state that `tls` was made with.
    unsafe calls.initialize(
      to: TLS.Calls(
        start: { (state, _, _, _, _) in
          let tls = unsafe of(state)
          tls.starts += 1
          tls.left = tls.handshakes
          tls.incoming = []
          tls.isClosed = false
          return 0
        },
        handshake: {
          let tls = unsafe of($0)
          tls.steps += 1
          tls.left -= 1
          return tls.left > 0 ? 0 : 1
        },
        send: { (state, bytes, length, _) in
          let tls = unsafe of(state)
          let count = min(Int(length), tls.capacity - min(tls.outgoing.count, tls.capacity))
          unsafe tls.outgoing += UnsafeBufferPointer(start: bytes, count: count)
          return Int32(count)
        },
        receive: { (state, bytes, capacity) in
          let tls = unsafe of(state)
          let count = min(tls.incoming.count, capacity, tls.step)
          for place in 0..<count { unsafe bytes?[place] = tls.incoming[place] }
          tls.incoming.removeFirst(count)
          return count == 0 && tls.isClosed ? MOTE_ERROR_CLOSED : Int32(count)
        },
        // What has not been received is gone with the connection.
        close: { unsafe of($0).incoming = [] }, library_code: { _ in 0 }))
  }

  deinit { unsafe calls.deallocate() }

  var tls: TLS { unsafe TLS(OpaquePointer(Unmanaged.passUnretained(self).toOpaque()), calls) }
}

private func of(_ state: OpaquePointer?) -> PlainTLS {
  unsafe Unmanaged<PlainTLS>.fromOpaque(UnsafeRawPointer(state.unsafelyUnwrapped)).takeUnretainedValue()
}
