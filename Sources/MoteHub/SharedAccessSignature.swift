public import MoteBytes
import MoteCrypto

extension Writer {
  /// Appends a SAS token that is good until `expiry` (seconds since 1970). False when it cannot be signed.
  ///
  /// `SharedAccessSignature sr={resource}&sig={signature}&se={expiry}`, where the signature is over
  /// `{resource}\n{expiry}` with the resource percent-encoded, as it is sent.
  public mutating func appendToken(for identity: Identity, signer: Signer, expiry: UInt64) -> Bool {
    append("SharedAccessSignature sr=")
    let resource = count
    appendPercentEncoded(identity.host.bytes)
    append("%2Fdevices%2F")
    appendPercentEncoded(identity.device.bytes)
    if identity.module.count > 0 {
      append("%2Fmodules%2F")
      appendPercentEncoded(identity.module.bytes)
    }
    // What is signed is written where the rest of the token will stand, and needs no memory of its own.
    let end = count
    append(UInt8(ascii: "\n"))
    appendDecimal(expiry)
    // What does not fit is not signed, only counted: as the signature that is longest when it is encoded.
    var signature = MessageSignature(repeating: 0xFF)
    if fits {
      guard signer.sign(region.part(resource, count &- resource), &signature) else { return false }
    }
    rewind(to: end)
    append("&sig=")
    appendBase64(signature.bytes.span, escaped: true)
    append("&se=")
    appendDecimal(expiry)
    return true
  }
}
