public import CMote
public import MoteBytes
internal import MoteCrypto

/// What signs a device's tokens: its symmetric key, or something that keeps the key to itself.
@safe public struct Signer {
  private let key: Region
  private let callback: mote_sign?
  private let context: UnsafeMutableRawPointer?

  /// Signs with the symmetric key that is `key` in base64.
  public init(key: Region) {
    self.key = key
    unsafe callback = nil
    unsafe context = nil
  }

  /// Signs by calling `callback`, as for a secure element, where there is one. Unsafe, because the compiler cannot see what
  /// it does.
  @unsafe public init(key: Region = .empty, callback: mote_sign?, context: UnsafeMutableRawPointer?) {
    self.key = key
    unsafe self.callback = callback
    unsafe self.context = context
  }

  /// Signs `data` with the device's key: its HMAC-SHA256. False when that cannot be.
  func sign(_ data: Region, _ signature: inout MessageSignature) -> Bool {
    if let callback = unsafe callback {
      var bytes = signature.bytes.mutableSpan
      // Sound: the callback gets 32 bytes to write, as it was promised, and uses them within the call.
      return unsafe bytes.withUnsafeMutableBufferPointer {
        unsafe callback(context, data.pointer, data.count, $0.baseAddress) == 0
      }
    }
    var secret: InlineArray<64, UInt8> = .init(repeating: 0)
    var bytes = secret.mutableSpan
    let count = key.bytes.decodeBase64(into: &bytes) ?? 0
    let isSigned = count > 0 && signature.sign(data.bytes, key: bytes.span.extracting(first: count))
    wipe(&bytes)
    return isSigned
  }
}

extension Region {
  /// Whether it is a symmetric key: base64 of 16 to 64 bytes.
  var isSecret: Bool {
    var secret: InlineArray<64, UInt8> = .init(repeating: 0)
    var bytes = secret.mutableSpan
    let count = self.bytes.decodeBase64(into: &bytes)
    wipe(&bytes)
    return (count ?? 0) >= 16
  }
}
