import MoteBytes

/// Numbers (6).
extension JSONReader {
  /// What of a number was read last.
  enum NumberPart: UInt8 {
    /// Nothing, or the minus.
    case start
    case zero
    case integer
    case point
    case fraction
    case exponentMark
    case exponentSign
    case exponent

    /// Whether a number may end here.
    var isLast: Bool { self == .zero || self == .integer || self == .fraction || self == .exponent }
  }

  /// A byte of a number, or behind one.
  mutating func takeNumber(_ byte: UInt8) -> Step {
    var part = numberPart
    switch (byte, part) {
    case (UInt8(ascii: "-"), .start) where held == 0: break
    case (UInt8(ascii: "0"), .start): part = .zero
    case (UInt8(ascii: "1")...UInt8(ascii: "9"), .start): part = .integer
    case (UInt8(ascii: "."), .zero), (UInt8(ascii: "."), .integer): part = .point
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), .integer), (UInt8(ascii: "0")...UInt8(ascii: "9"), .fraction),
      (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponent):
      break
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), .point): part = .fraction
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponentMark), (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponentSign):
      part = .exponent
    case (UInt8(ascii: "+"), .exponentMark), (UInt8(ascii: "-"), .exponentMark): part = .exponentSign
    default:
      if byte | 0x20 == UInt8(ascii: "e") && (part == .zero || part == .integer || part == .fraction) {
        part = .exponentMark
      } else {
        return part.isLast ? .ended : fail(.jsonNumber)
      }
    }
    guard held < buffer.count else { return .full }
    buffer[held] = byte
    held &+= 1
    numberPart = part
    return .taken
  }
}
