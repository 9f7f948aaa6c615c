import MoteBytes

/// Strings (7).
extension JSONReader {
  /// A byte of a string, which becomes the one that it stands for.
  @inline(never) mutating func takeText(_ byte: inout UInt8) -> Step {
    if place == .escape { return takeEscape(&byte) }
    if place == .hexadecimal { return takeDigit(&byte) }
    guard bits == 0 || byte == UInt8(ascii: "\\") else { return fail(.jsonSurrogate) }
    guard character.take(byte) else { return fail(.jsonText) }
    if byte == UInt8(ascii: "\"") { return .done }
    if byte == UInt8(ascii: "\\") {
      place = .escape
      return .taken
    }
    return byte < 0x20 ? fail(.jsonControl) : .kept
  }

  /// The byte behind a backslash.
  mutating func takeEscape(_ byte: inout UInt8) -> Step {
    if byte == UInt8(ascii: "u") {
      place = .hexadecimal
      digits = 4
      return .taken
    }
    guard bits == 0 else { return fail(.jsonSurrogate) }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): break
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0C
    case UInt8(ascii: "n"): byte = 0x0A
    case UInt8(ascii: "r"): byte = 0x0D
    case UInt8(ascii: "t"): byte = 0x09
    default: return fail(.jsonEscape)
    }
    place = .string
    return .kept
  }

  /// A digit of an escape. The last becomes the last byte of its character, and the others are written.
  mutating func takeDigit(_ byte: inout UInt8) -> Step {
    let digit = byte.hexadecimalValue
    guard digit < 16 else { return fail(.jsonEscape) }
    bits = bits &<< 4 | UInt32(digit)
    digits &-= 1
    if digits > 0 { return .taken }
    place = .string
    var scalar = bits
    // What tells the halves of a pair apart; the first one stays in front of the second.
    let half = scalar &>> 10
    if half == 0xD800 &>> 10 { return .taken }
    let isSecond = half & 0x3F == 0xDC00 &>> 10
    guard isSecond == (half > 0x3F) else { return fail(.jsonSurrogate) }
    if isSecond { scalar = 0x10000 &+ ((scalar &>> 16 & 0x3FF) &<< 10 | scalar & 0x3FF) }
    bits = 0
    byte = UInt8(truncatingIfNeeded: scalar)
    if scalar < 0x80 { return .kept }
    // A lead with as many marks as there are bytes, and then six bits each.
    if scalar >= 0x10000 {
      text.append(UInt8(truncatingIfNeeded: scalar &>> 18 | 0xF0))
      text.append(UInt8(truncatingIfNeeded: scalar &>> 12 & 0x3F | 0x80))
    } else if scalar >= 0x800 {
      text.append(UInt8(truncatingIfNeeded: scalar &>> 12 | 0xE0))
    }
    let mark: UInt8 = scalar < 0x800 ? 0xC0 : 0x80
    text.append(UInt8(truncatingIfNeeded: scalar &>> 6 & 0x3F) | mark)
    byte = byte & 0x3F | 0x80
    return .kept
  }
}
