#if Tools

private import CMoteHubEmulator
import NIOCore

/// An MD5 of what comes in pieces (RFC 1321), for headers `Content-MD5`.
@safe final class MD5 {
  // Sound: it is this object's alone, which frees it.
  private let state: OpaquePointer?

  init() { unsafe state = mote_hub_md5_begin() }

  deinit { if let state = unsafe state { unsafe mote_hub_md5_free(state) } }

  func take(_ bytes: ByteBuffer) {
    guard let state = unsafe state else { return }
    // Sound: the pointer is used within the call, with the buffer's own size.
    unsafe bytes.withUnsafeReadableBytes { bytes in
      let bytes = unsafe bytes.assumingMemoryBound(to: UInt8.self)
      _ = unsafe mote_hub_md5_take(state, bytes.baseAddress, bytes.count)
    }
  }

  /// The 16 bytes of the hash; nil when the cryptography fails. Nothing is taken after.
  func end() -> [UInt8]? {
    guard let state = unsafe state else { return nil }
    var hash = [UInt8](repeating: 0, count: 16)
    // Sound: the pointer is used within the call, which writes 16 bytes.
    let code = unsafe hash.withUnsafeMutableBufferPointer { unsafe mote_hub_md5_end(state, $0.baseAddress) }
    return code == 0 ? hash : nil
  }
}

#endif
