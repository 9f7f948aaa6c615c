import MoteBytes

extension UInt8 {
  /// Whether it is a control character, but for the tab, which may stand in a header's value (RFC 9110, 5.5).
  @inline(__always) var isControl: Bool { self < 0x20 && self != 0x09 || self == 0x7F }

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

  /// Whether they can be a method or a header's name (RFC 9110, 5.6.2).
  @inline(never) public var isToken: Bool {
    let marks = ("!#$%&'*+-.^_`|~" as StaticString).bytes
    for index in indices {
      let byte = self[index]
      if byte.lowercased &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 { continue }
      var place = 0
      while place < marks.count && marks[place] != byte { place &+= 1 }
      if place == marks.count { return false }
    }
    return count > 0
  }

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

/// The headers that say where a message ends, by the place of their names in this order: what only the connection itself may
/// write, and what it reads.
enum Framing: UInt8 {
  case length
  case encoding
  case connection
  case host

  /// Which of them `name` is; nil: another.
  @inline(never) init?(_ name: Span<UInt8>) {
    if name.equalsIgnoringCase("content-length") {
      self = .length
    } else if name.equalsIgnoringCase("transfer-encoding") {
      self = .encoding
    } else if name.equalsIgnoringCase("connection") {
      self = .connection
    } else if name.equalsIgnoringCase("host") {
      self = .host
    } else {
      return nil
    }
  }
}
