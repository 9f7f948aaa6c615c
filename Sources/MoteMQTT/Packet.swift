public import MoteBytes

/// The packet types (2.2.1), as the first byte's high half.
enum PacketType {
  static var connack: UInt8 { 2 }
  static var publish: UInt8 { 3 }
  static var puback: UInt8 { 4 }
  static var subscribe: UInt8 { 8 }
  static var suback: UInt8 { 9 }
  static var unsubscribe: UInt8 { 10 }
  static var unsuback: UInt8 { 11 }
  static var pingresp: UInt8 { 13 }

  /// A bit for each type that a server sends, but PUBLISH: CONNACK, PUBACK, SUBACK, UNSUBACK, PINGRESP.
  static var received: UInt32 { 1 << 2 | 1 << 4 | 1 << 9 | 1 << 11 | 1 << 13 }
}

/// A set of flags in a byte. (The standard library's `OptionSet` brings arrays, and so the heap.)
public protocol FlagByte: Sendable {
  var rawValue: UInt8 { get }
  init(rawValue: UInt8)
}

extension FlagByte {
  public static var none: Self { Self(rawValue: 0) }
  public static func | (left: Self, right: Self) -> Self { Self(rawValue: left.rawValue | right.rawValue) }
  public func contains(_ other: Self) -> Bool { rawValue & other.rawValue == other.rawValue }
}

/// What a message says of itself besides topic and payload.
public struct MessageFlags: FlagByte {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Quality of service 1: acknowledged, at least once. Without it, at most once.
  public static var acknowledged: Self { Self(rawValue: 1) }
  /// The server shall keep, or has kept, the message for later subscribers (3.3.1.3).
  public static var retain: Self { Self(rawValue: 2) }
  /// Received: the server has sent this message before (3.3.1.1).
  public static var duplicate: Self { Self(rawValue: 4) }
  /// To be sent at most once, by the connection that there is: what has not left by then is forgotten with it.
  public static var fleeting: Self { Self(rawValue: 8) }
}

/// What CONNECT carries (3.1.2.3), as its flags byte.
public struct ConnectFlags: FlagByte {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static var cleanSession: Self { Self(rawValue: 0x02) }
  public static var will: Self { Self(rawValue: 0x04) }
  public static var willQualityOfService1: Self { Self(rawValue: 0x08) }
  public static var willRetain: Self { Self(rawValue: 0x20) }
  public static var password: Self { Self(rawValue: 0x40) }
  public static var userName: Self { Self(rawValue: 0x80) }
}

/// The largest Remaining Length (2.2.3).
var remainingLengthLimit: Int { 268_435_455 }

/// Room for the longest fixed header (2.2): a type byte and four bytes of Remaining Length.
package var fixedHeaderRoom: Int { 5 }

extension Region {
  /// Writes the fixed header, of fewer than 28 bits of Remaining Length, so that it ends just before `body`, in the room kept
  /// there. Where it starts.
  @inline(never) package func setFixedHeader(_ first: UInt8, remainingLength: Int, before body: Int) -> Int {
    var rest = remainingLength
    var start = body &- 2
    if rest >= 0x80 { start &-= rest < 0x4000 ? 1 : rest < 0x20_0000 ? 2 : 3 }
    self[start] = first
    var place = start &+ 1
    // Each length byte has seven bits, the least significant first, and a high bit that says whether another follows.
    while rest >= 0x80 {
      self[place] = UInt8(truncatingIfNeeded: rest) | 0x80
      place &+= 1
      rest &>>= 7
    }
    self[place] = UInt8(truncatingIfNeeded: rest)
    return start
  }

  /// The 16-bit number at `offset`, most significant byte first.
  package func number16(at offset: Int) -> Int { Int(UInt16(bigEndian: load(offset, as: UInt16.self))) }

  /// Exchanges what is from `start` to `middle` with what is from there to `end`; neither is empty.
  @inline(never) func exchange(_ start: Int, _ middle: Int, _ end: Int) {
    var (first, middle, next) = (start, middle, middle)
    while first != next {
      let byte = self[first]
      self[first] = self[next]
      self[next] = byte
      first &+= 1
      next &+= 1
      // At the end of the second part, or of the first, what is left is again two parts to be exchanged.
      if next == end {
        next = middle
      } else if first == middle {
        middle = next
      }
    }
  }

  /// Stores a 16-bit number, most significant byte first.
  func set(number16 value: Int, at offset: Int) { store(UInt16(truncatingIfNeeded: value).bigEndian, at: offset) }
}

extension Writer {
  /// Appends a string or binary field: its length in two bytes, then itself (1.5.3). What is longer than
  /// 65,535 bytes never fits.
  public mutating func appendField(_ bytes: Span<UInt8>) {
    append16(bytes.count)
    append(bytes)
    if bytes.count > 0xFFFF { rewind(to: Int.max) }
  }

  /// Starts a field whose bytes are appended one after another.
  public mutating func openField() -> Int {
    append16(0)
    return count
  }

  /// Ends the field that starts at `start`, and writes its length before it.
  public mutating func closeField(_ start: Int) {
    let length = count &- start
    if length > 0xFFFF {
      rewind(to: Int.max)
    } else if fits {
      region.set(number16: length, at: start &- 2)
    }
  }
}
