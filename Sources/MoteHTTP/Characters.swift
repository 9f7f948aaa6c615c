import MoteBytes

/// What a part of a message's head is made of.
enum Characters: UInt8 {
  /// A header's value, or a whole line: no control characters but the tab (RFC 9110, 5.5).
  case text
  /// A target or a host: one at least, and no white space.
  case visible
  /// A method or a header's name: one at least (RFC 9110, 5.6.2).
  case token
}

extension UInt8 {
  /// The same letter in lower case, or another character as it is.
  @inline(__always) var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

  /// Whether a token may have it, if it is none of the controls: not a delimiter, and ASCII (RFC 9110, 5.6.2). A bit for each character
  /// says so.
  @inline(__always) fileprivate var isInToken: Bool {
    let others: UInt32 =
      switch self &>> 5 {
      case 1: 0xFC00_9304  // "(),/:;<=>?
      case 2: 0x3800_0001  // @[\]
      case 3: 0x2800_0000  // {}
      default: .max
      }
    return others &>> UInt32(self & 31) & 1 == 0
  }

  /// Space or tab.
  @inline(__always) var isSpace: Bool { self == 0x20 || self == 0x09 }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are those of `other`, which is in lower case, but for the case of letters.
  @inline(never) public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index].lowercased != other[index] { return false }
    return true
  }

  /// The same for a literal.
  @inline(__always) public func equalsIgnoringCase(_ literal: StaticString) -> Bool {
    equalsIgnoringCase(literal.bytes)
  }

  /// Whether they begin with `literal`, which is in lower case, but for the case of letters.
  public func hasPrefixIgnoringCase(_ literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    return count >= length && extracting(first: length).equalsIgnoringCase(literal)
  }

  /// How many such characters they begin with.
  @inline(never) func run(of characters: Characters) -> Int {
    var place = 0
    while place < count {
      let byte = self[place]
      if byte < 0x20 && byte != 0x09 || byte == 0x7F { break }
      if characters != .text && byte <= 0x20 || characters == .token && !byte.isInToken { break }
      place &+= 1
    }
    return place
  }

  /// Whether they can be a method or a header's name.
  public var isToken: Bool { count > 0 && run(of: .token) == count }

  /// The number that they begin with in decimal or hexadecimal, and how many digits it has. It stops before a digit that might be
  /// too many for Int, or in hexadecimal for 31 bits, and then is not all that stands there.
  @inline(never) func number(base: Int) -> (number: Int, digits: Int) {
    var number = 0
    var place = 0
    while place < count {
      let digit = Int(self[place].hexadecimalValue)
      guard digit < base, number &>> (base == 16 ? 27 : Int.bitWidth &- 5) == 0 else { break }
      number = number &* base &+ digit
      place &+= 1
    }
    return (number, place)
  }

  /// Where `character` is first, or the end.
  @inline(never) func place(of character: UInt8) -> Int {
    var index = 0
    while index < count && self[index] != character { index &+= 1 }
    return index
  }
}

extension Region {
  /// Whether they begin with `literal`.
  @inline(__always) func begins(with literal: StaticString) -> Bool { begins(with: literal.bytes) }

  @inline(never) private func begins(with bytes: Span<UInt8>) -> Bool {
    count >= bytes.count && part(0, bytes.count).bytes.equals(bytes)
  }

  /// The same without white space at either end.
  @inline(never) var trimmed: Region {
    var rest = self
    while rest.count > 0 && rest[0].isSpace { rest = rest.part(1, rest.count &- 1) }
    while rest.count > 0 && rest[rest.count &- 1].isSpace { rest = rest.part(0, rest.count &- 1) }
    return rest
  }
}

/// The words that say where a message ends, and whether the connection does: headers, what only the connection itself may write
/// and what it reads, then what those say.
struct Word: Equatable {
  private let number: Int

  static var length: Self { Self(number: 0) }
  static var encoding: Self { Self(number: 1) }
  static var host: Self { Self(number: 2) }
  static var connection: Self { Self(number: 3) }
  static var chunked: Self { Self(number: 4) }
  static var close: Self { Self(number: 5) }
  static var keepAlive: Self { Self(number: 6) }

  private init(number: Int) { self.number = number }

  /// Which of them `text` is, but for the case of letters.
  @inline(never) init(_ text: Span<UInt8>) {
    let words = ("content-length transfer-encoding host connection chunked close keep-alive " as StaticString).bytes
    var number = 0
    // How much of the word is that of the text; -1: it is another.
    var place = 0
    for index in words.indices {
      if words[index] == 0x20 {
        if place == text.count { break }
        number &+= 1
        place = 0
      } else if place >= 0 {
        place = place < text.count && text[place].lowercased == words[index] ? place &+ 1 : -1
      }
    }
    self.number = number
  }

  /// Whether it is the name of one of those headers.
  var isHeader: Bool { number <= Word.connection.number }
}
