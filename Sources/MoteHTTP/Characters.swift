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

  /// Whether they are made of such characters.
  @inline(never) func consists(of characters: Characters) -> Bool {
    let delimiters = ("\"(),/:;<=>?@[\\]{}" as StaticString).bytes
    for index in indices {
      let byte = self[index]
      if byte < 0x20 && byte != 0x09 || byte == 0x7F { return false }
      if characters == .text { continue }
      if byte <= 0x20 { return false }
      if characters == .token && (byte > 0x7F || delimiters.place(of: byte) < delimiters.count) { return false }
    }
    return count > 0 || characters == .text
  }

  /// Whether they can be a method or a header's name.
  public var isToken: Bool { consists(of: .token) }

  /// The number that they are in decimal; nil for anything else, and for one of more than Int's bits less two.
  @inline(never) var length: Int? {
    var number = 0
    for index in indices {
      let digit = Int(self[index] &- UInt8(ascii: "0"))
      guard digit < 10 && number &>> (Int.bitWidth &- 5) == 0 else { return nil }
      number = number &* 10 &+ digit
    }
    return count > 0 ? number : nil
  }

  /// Where `character` is first, or the end.
  @inline(never) func place(of character: UInt8) -> Int {
    var index = 0
    while index < count && self[index] != character { index &+= 1 }
    return index
  }
}

extension Region {
  /// The part from `start` to `end` without white space around it.
  @inline(never) func trimmed(_ start: Int, _ end: Int) -> Region {
    var start = start
    var end = end
    while start < end && self[start].isSpace { start &+= 1 }
    while end > start && self[end &- 1].isSpace { end &-= 1 }
    return part(start, end &- start)
  }
}

/// The words that say where a message ends, and whether the connection does: headers, what only the connection itself may write
/// and what it reads, then what those say.
enum Word: UInt8 {
  case length
  case encoding
  case host
  case connection
  case chunked
  case close
  case keepAlive
  case another

  /// Which of them `text` is.
  @inline(never) init(_ text: Span<UInt8>) {
    let words = ("content-length transfer-encoding host connection chunked close keep-alive " as StaticString).bytes
    var start = 0
    var number: UInt8 = 0
    while start < words.count {
      let rest = words.extracting(droppingFirst: start)
      let length = rest.place(of: 0x20)
      if text.equalsIgnoringCase(rest.extracting(first: length)) { break }
      start &+= length &+ 1
      number &+= 1
    }
    self = Word(rawValue: number) ?? .another
  }

  /// Whether it is the name of one of those headers.
  var isHeader: Bool { rawValue <= Word.connection.rawValue }
}
