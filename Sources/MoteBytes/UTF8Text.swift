extension Span where Element == UInt8 {
  /// Whether the bytes are a string as MQTT 3.1.1 wants it (1.5.3): well-formed UTF-8 (RFC 3629: shortest form,
  /// no surrogates, nothing above U+10FFFF), and no U+0000.
  @inline(never) public var isMQTTText: Bool {
    if isPlain { return true }
    var index = 0
    var more = 0
    // The scalar so far, with its lead's marking bits in front.
    var scalar: UInt32 = 0
    while index < count {
      let byte = self[index]
      index &+= 1
      if more > 0 {
        guard byte & 0xC0 == 0x80 else { return false }
        scalar = scalar &<< 6 | UInt32(truncatingIfNeeded: byte & 0x3F)
        more &-= 1
        // After the second byte all that can still be wrong shows: overlong forms (E0 80…9F, F0 80…8F), surrogates
        // (ED A0…BF), beyond U+10FFFF (F4 90…BF).
        let rows = scalar &>> 5
        if rows == 0xE0 &<< 1 || rows == 0xED &<< 1 | 1 || scalar &>> 4 == 0xF0 &<< 2 { return false }
        if scalar &>> 4 &- 0x3D1 < 3 { return false }
      } else if byte &- 1 >= 0x7F {
        // C0 and C1 begin overlong forms, F5 and above would be beyond U+10FFFF.
        guard byte >= 0xC2 && byte < 0xF5 else { return false }
        more = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
        scalar = UInt32(truncatingIfNeeded: byte)
      }
    }
    return more == 0
  }
}
