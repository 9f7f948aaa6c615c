import CMote
import Mote
import MoteBytes
import MoteHub

/// The device that the connection string names, with the memory that its identity is part of.
struct Device {
  private let memory: Memory
  let identity: Identity

  init(connectionString: String) throws(Explanation) {
    memory = Memory(connectionString.utf8)
    do throws(Failure) {
      identity = try Identity(connectionString: memory.region)
    } catch {
      throw Explanation(connectionString: error.code)
    }
  }

  var signer: Signer { Signer(key: identity.key) }

  /// How people call it.
  var name: String { identity.module.count > 0 ? "\(id)/\(identity.module.text)" : id }

  private var id: String { identity.device.text }
}

extension Device {
  /// A token that is good until `expiry`, in seconds since 1970.
  func token(expiry: UInt64) throws(Explanation) -> String {
    guard !identity.usesCertificate else {
      throw Explanation(.data, "The connection string says x509=true: a device with a certificate has no tokens.")
    }
    let memory = Memory(count: 2_048)
    var writer = Writer(memory.region)
    guard writer.appendToken(for: identity, signer: signer, expiry: expiry), writer.fits else {
      throw Explanation(.data, "No token can be made: \(statusText(MOTE_ERROR_SIGNING)) Check SharedAccessKey.")
    }
    return writer.written.text
  }
}

/// No time before it is believed.
let earliestSeconds = Int(MOTE_EARLIEST_SECONDS)
