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
    // What does not fit is not signed, only counted.
    guard let signature = fits ? signer.sign(region.part(resource, count &- resource)) : MessageSignature() else {
      return false
    }
    rewind(to: end)
    append("&sig=")
    let start = count
    appendBase64(signature.bytes.span)
    escapeBase64(from: start)
    append("&se=")
    appendDecimal(expiry)
    return true
  }

  /// Percent-encodes what was written from `start` on; counts the longest that it could become when it does not fit.
  private mutating func escapeBase64(from start: Int) {
    guard fits else {
      for _ in 0..<88 { append(0) }
      return
    }
    var text: InlineArray<44, UInt8> = .init(repeating: 0)
    for place in 0..<44 { text[place] = region[start &+ place] }
    rewind(to: start)
    appendPercentEncoded(text.span)
  }
}
