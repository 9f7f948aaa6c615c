/// Decodes UTF-8 (RFC 3629) byte by byte, which may come in pieces: shortest form, no surrogates, nothing above U+10FFFF.
struct UTF8Decoder {
  /// The character so far, with its lead's marking bits in front.
  private var bits: UInt32 = 0
  /// Bytes that the character still lacks.
  private(set) var more: UInt8 = 0

  /// Takes the next byte. False when no UTF-8 has it there.
  mutating func take(_ byte: UInt8) -> Bool {
    if more > 0 {
      guard byte & 0xC0 == 0x80 else { return false }
      bits = bits &<< 6 | UInt32(truncatingIfNeeded: byte & 0x3F)
      more &-= 1
      // After the second byte all that can still be wrong shows: overlong forms (E0 80…9F, F0 80…8F), surrogates
      // (ED A0…BF), beyond U+10FFFF (F4 90…BF).
      let rows = bits &>> 5
      if rows == 0xE0 &<< 1 || rows == 0xED &<< 1 | 1 || bits &>> 4 == 0xF0 &<< 2 { return false }
      return bits &>> 4 &- 0x3D1 >= 3
    }
    if byte < 0x80 { return true }
    // C0 and C1 begin overlong forms, F5 and above would be beyond U+10FFFF.
    guard byte >= 0xC2 && byte < 0xF5 else { return false }
    bits = UInt32(truncatingIfNeeded: byte)
    more = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
    return true
  }
}
