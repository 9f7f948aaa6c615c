public import MoteBytes

/// Where the hub lets a file go: what it answers with when a device asks, a JSON object, as its bytes go by in pieces of any size.
/// What is needed of it is kept in the caller's memory, decoded, one value behind the other.
public struct UploadAnswer {
  /// In the order of ``names``.
  private var parts: InlineArray<5, Region> = .init(repeating: .empty)
  private var writer: Writer
  /// Where the string began that is read.
  private var start = 0
  private var reading = Reading.structure
  private var depth: UInt8 = 0
  /// Which of ``names`` the value has whose turn it is, or 5.
  private var part = 5
  private var isValue = false
  /// Whether something did not fit the memory: when it is not complete, that is why.
  public private(set) var isTooSmall = false
  /// What is left of an escape's digits, what they are until now, and the first half of a surrogate pair.
  private var digits: UInt8 = 0
  private var number: UInt16 = 0
  private var high: UInt16 = 0

  private enum Reading: UInt8 {
    case structure
    case text
    case escape
    case digits
  }

  private static var names: StaticString { "correlationId;hostName;containerName;blobName;sasToken;" }

  /// An answer of which nothing has come. Its values go to `memory`.
  @inline(never) public init(_ memory: Region) { writer = Writer(memory) }

  /// By what the hub knows the upload.
  public var correlation: Region { parts[0] }
  /// Where the file goes: the host's name, with its port where that is not 443.
  public var host: Region { parts[1] }
  public var container: Region { parts[2] }
  /// With the device in front.
  public var blob: Region { parts[3] }
  /// What lets it go there: a secret.
  public var token: Region { parts[4] }

  /// Where a name is among ``names``, or 5. (Identity's own function, given the names as an argument, makes every hub client larger.)
  private static func index(of name: Span<UInt8>) -> Int {
    let names = names.bytes
    var start = 0
    for index in 0..<5 {
      let end = names.first(UInt8(ascii: ";"), from: start)
      if names.extracting(start..<end).equals(name) { return index }
      start = end &+ 1
    }
    return 5
  }

  /// How many bytes of the memory its values take.
  public var count: Int { min(writer.count, writer.region.count) }

  /// Whether all of it has come, and can be used.
  public var isComplete: Bool {
    for index in 0..<5 where parts[index].count == 0 { return false }
    // It goes back to the hub in JSON. The rest is looked at where it stands in a request.
    for offset in 0..<correlation.count {
      let byte = correlation[offset]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
    }
    return depth == 0 && peer.name.isName(ofHost: true)
  }

  /// The host's name, and its port. TLS says whether that is whom the name is for, so that any will do.
  public var peer: (name: Region, portNumber: UInt16) {
    let place = host.bytes.first(UInt8(ascii: ":"), from: 0)
    let digits = max(host.count &- place &- 1, 0)
    let number = host.part(host.count &- digits, digits).number
    return (host.part(0, place), digits == 0 ? 443 : UInt16(truncatingIfNeeded: number))
  }

  /// Takes the next bytes.
  @inline(never) public mutating func take(_ bytes: Span<UInt8>) {
    for index in bytes.indices { take(bytes[index]) }
  }

  @inline(__always) private mutating func take(_ byte: UInt8) {
    switch reading {
    case .structure:
      switch byte {
      case UInt8(ascii: "\""):
        reading = .text
        start = writer.count
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth &-= 1
      case UInt8(ascii: ":"): isValue = true
      case UInt8(ascii: ","): isValue = false
      default: break
      }
    case .text:
      if byte == UInt8(ascii: "\\") {
        reading = .escape
      } else if byte == UInt8(ascii: "\"") {
        reading = .structure
        endText()
      } else {
        writer.append(byte)
      }
    case .escape:
      reading = .text
      if byte == UInt8(ascii: "u") {
        reading = .digits
        digits = 4
        number = 0
      } else {
        // A control character has no place in any of the values, and a request with one is refused.
        writer.append(byte &- UInt8(ascii: "a") < 26 ? 0x0A : byte)
      }
    case .digits:
      number = number &<< 4 | UInt16(truncatingIfNeeded: UInt(byte.hexadecimalValue & 15))
      digits &-= 1
      if digits == 0 {
        reading = .text
        append(number)
      }
    }
  }

  /// Appends a unit of UTF-16.
  private mutating func append(_ unit: UInt16) {
    if unit &>> 10 == 0x36 {
      high = unit
      return
    }
    var scalar = UInt32(unit)
    if unit &>> 10 == 0x37 { scalar = 0x1_0000 &+ (UInt32(high & 0x3FF) &<< 10 | UInt32(unit & 0x3FF)) }
    if scalar < 0x80 { return writer.append(UInt8(truncatingIfNeeded: scalar)) }
    var left: UInt32 = scalar < 0x800 ? 1 : scalar < 0x1_0000 ? 2 : 3
    writer.append(UInt8(truncatingIfNeeded: 0xFF00 &>> (left &+ 1) | scalar &>> (6 &* left)))
    while left > 0 {
      left &-= 1
      writer.append(UInt8(truncatingIfNeeded: 0x80 | (scalar &>> (6 &* left)) & 0x3F))
    }
  }

  /// A string is complete: a value that is kept, or a name that says which the next one is.
  private mutating func endText() {
    if !writer.fits {
      isTooSmall = true
      part = 5
    } else {
      let text = writer.region.part(start, writer.count &- start)
      if !isValue {
        part = depth == 1 ? UploadAnswer.index(of: text.bytes) : 5
      } else if part < 5 && depth == 1 && parts[part].count == 0 {
        parts[part] = text
        return
      }
    }
    writer.rewind(to: start)
  }
}
