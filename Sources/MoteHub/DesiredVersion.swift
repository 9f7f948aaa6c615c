import MoteBytes

/// Finds `desired.$version` in a twin's document, `{"desired":{…,"$version":3},"reported":{…}}`, as its bytes go by, in pieces
/// of any size. It accepts more than JSON: who reads the document finds out what is wrong with it.
///
/// Why so little state is enough: what matters is a name directly in the document, and then a number directly in its object.
/// A string is followed by a colon only when it is a name. So the strings at those two depths are compared with the name that
/// matters there, and what came of that is looked at only when a colon follows.
public struct DesiredVersion {
  /// The number, as far as it has been read; 0 while there is none, and for one above 2,147,483,629 or no integer.
  public private(set) var number: UInt32 = 0
  /// How many objects and arrays are open; 255: so many that nothing is looked at any more.
  private var depth: UInt8 = 0
  /// How far into ``names`` the last string has got, or what follows it.
  private var place = Place.elsewhere
  private var isInString = false
  private var isEscaped = false
  /// Whether what is read is the value of `desired`.
  private var isDesired = false

  /// Both names, each with the quote that ends it.
  private static var names: StaticString { "desired\"$version\"" }

  /// Places in ``names``, and beyond.
  private enum Place {
    static var desired: UInt8 { 0 }
    /// Behind the first name, and at the second.
    static var version: UInt8 { 8 }
    /// Behind the second.
    static var end: UInt8 { 17 }
    /// In the number.
    static var number: UInt8 { 18 }
    static var elsewhere: UInt8 { 19 }
  }

  public init() {}

  /// Takes the next bytes.
  @inline(never) public mutating func take(_ bytes: Span<UInt8>) {
    for index in bytes.indices { take(bytes[index]) }
  }

  @inline(__always) private mutating func take(_ byte: UInt8) {
    if isInString {
      let names = DesiredVersion.names.bytes
      if place < Place.end && names[Int(place)] == byte { place &+= 1 } else { place = Place.elsewhere }
      if byte == UInt8(ascii: "\"") && !isEscaped { isInString = false }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      return
    }
    if byte <= UInt8(ascii: " ") { return }
    let digit = UInt32(byte &- UInt8(ascii: "0"))
    if place == Place.number && digit < 10 {
      if number < 214_748_363 {
        number = number &* 10 &+ digit
        return
      }
      number = 0
    }
    let before = place
    place = Place.elsewhere
    // Braces and brackets differ in one bit.
    switch byte | 0x20 {
    case UInt8(ascii: ":"):
      if before == Place.version { isDesired = true }
      if before == Place.end {
        place = Place.number
        number = 0
      }
    case UInt8(ascii: "\"") | 0x20:
      isInString = true
      if depth == 1 { place = Place.desired }
      if depth == 2 && isDesired { place = Place.version }
    case UInt8(ascii: ","):
      if depth == 1 { isDesired = false }
    case UInt8(ascii: "{"):
      if depth < 255 { depth &+= 1 }
    case UInt8(ascii: "}"):
      if depth > 0 && depth < 255 { depth &-= 1 }
    default:
      if before == Place.number { number = 0 }
    }
  }
}
