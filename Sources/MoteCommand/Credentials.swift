import CMote
import CMoteCommand
import Glibc
import MoteTLS

/// TLS with its credentials from files.
@safe final class Credentials {
  let pointer: OpaquePointer

  init(caFile: String?, certificate: String?, key: String?, isInsecure: Bool) throws(Explanation) {
    for path in [caFile, certificate, key] {
      if let path, unsafe access(path, R_OK) != 0 {
        throw Explanation(.input, "'\(path)' cannot be read: \(systemError()).")
      }
    }
    var status: Int32 = 0
    var code: Int32 = 0
    let created = unsafe mote_command_tls_create(caFile, certificate, key, &status, &code)
    guard let created = unsafe created else { throw Explanation(credentials: status, code, caFile: caFile) }
    unsafe pointer = created
    if isInsecure { unsafe mote_command_tls_verify_nothing(pointer) }
  }

  deinit { unsafe mote_command_tls_free(pointer) }

  /// TLS for a client, which is not to be used longer than this object.
  var tls: TLS { unsafe TLS(pointer) }

  /// Protocol version and cipher suite of the open connection.
  var description: String {
    unsafe written { (buffer, count) in unsafe mote_command_tls_describe(pointer, buffer, count) }
  }

  /// mbedTLS's words for its code.
  static func explain(_ code: Int32) -> String {
    unsafe written { (buffer, count) in unsafe mote_command_tls_explain(code, buffer, count) }
  }
}

/// The text that `write` leaves in a buffer, NUL-terminated.
func written(by write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
  // Sound: the buffer is zeroed, and lives for the call; C keeps to its length and ends with a NUL.
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    unsafe buffer.initialize(repeating: 0)
    guard let start = buffer.baseAddress else { return "" }
    unsafe write(start, buffer.count)
    return unsafe String(cString: start)
  }
}
