import MoteBytes

/// Strings (7).
extension JSONReader {
  /// A byte of a string. It changes nothing when the character that it completes has no room.
  mutating func takeText(_ byte: UInt8) -> Step {
    var character = self.character
    var scalar = UInt32(byte)
    switch place {
    case .escape:
      if byte == UInt8(ascii: "u") {
        place = .hexadecimal
        digits = 4
        return .taken
      }
      guard bits == 0 else { return fail(.jsonSurrogate) }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): break
      case UInt8(ascii: "b"): scalar = 0x08
      case UInt8(ascii: "f"): scalar = 0x0C
      case UInt8(ascii: "n"): scalar = 0x0A
      case UInt8(ascii: "r"): scalar = 0x0D
      case UInt8(ascii: "t"): scalar = 0x09
      default: return fail(.jsonEscape)
      }
    case .hexadecimal:
      guard let digit = byte.hexadecimalValue else { return fail(.jsonEscape) }
      scalar = bits &<< 4 | UInt32(digit)
      if digits > 1 {
        digits &-= 1
        bits = scalar
        return .taken
      }
      let half = scalar &>> 10
      if half == 0xD800 &>> 10 {
        // The first half of a pair stays in front of the second.
        bits = scalar
        place = .string
        return .taken
      }
      // Either a second half has a first one in front, or it is alone; or a first one has something else behind it.
      if half & 0x3F == 0xDC00 &>> 10 && half &>> 16 != 0 {
        scalar = 0x10000 &+ ((scalar &>> 16 & 0x3FF) &<< 10 | scalar & 0x3FF)
      } else if half == 0xDC00 &>> 10 || half &>> 6 != 0 {
        return fail(.jsonSurrogate)
      }
    default:
      guard bits == 0 || byte == UInt8(ascii: "\\") else { return fail(.jsonSurrogate) }
      let isWithin = character.more > 0
      guard character.take(byte) else { return fail(.jsonText) }
      if character.more > 0 {
        self.character = character
        return .taken
      }
      if !isWithin {
        if byte == UInt8(ascii: "\"") { return .done }
        if byte == UInt8(ascii: "\\") {
          place = .escape
          return .taken
        }
        guard byte >= 0x20 else { return fail(.jsonControl) }
      }
      scalar = character.scalar
    }
    guard hold(scalar) else { return .full }
    self.character = character
    bits = 0
    place = .string
    return .taken
  }

  /// Writes a character to the buffer in UTF-8. False when it has no room.
  private mutating func hold(_ scalar: UInt32) -> Bool {
    let count = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    guard count <= buffer.count &- held else { return false }
    var rest = scalar
    var place = held &+ count
    held = place
    var left = count
    while left > 1 {
      place &-= 1
      left &-= 1
      buffer[place] = 0x80 | UInt8(truncatingIfNeeded: rest) & 0x3F
      rest &>>= 6
    }
    // As many marking bits as there are bytes; none for one.
    let mark = count == 1 ? 0 : UInt8(truncatingIfNeeded: 0xF00 &>> count)
    buffer[place &- 1] = mark | UInt8(truncatingIfNeeded: rest)
    return true
  }
}
