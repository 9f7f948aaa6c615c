public import MoteBytes

/// Reads a property bag: `name=value` pairs joined by `&`, percent-encoded on both sides.
public struct PropertyBag {
  public let bag: Region
  /// Where the next property starts.
  public private(set) var position: Int

  /// What became of a property.
  public enum Result {
    case none
    /// Lengths of name and value, which stand one after the other in the buffer. No value is not an empty one.
    case property(name: Int, value: Int?)
    case malformed
    /// The buffer needs this many bytes.
    case tooLarge(Int)
  }

  /// A bag to be read from `position` on. One leading `?` is passed over.
  public init(_ bag: Region, from position: Int = 0) {
    self.bag = bag
    self.position = position
    if position == 0 && bag.count > 0 && bag[0] == UInt8(ascii: "?") { self.position = 1 }
  }

  /// Decodes the next property into `buffer`.
  public mutating func next(into buffer: Region) -> Result {
    // Empty pairs, as between two `&`, mean nothing.
    while position < bag.count && bag[position] == UInt8(ascii: "&") { position &+= 1 }
    guard position < bag.count else { return .none }
    let start = position
    let end = bag.bytes.first(UInt8(ascii: "&"), from: start)
    let nameEnd = bag.part(0, end).bytes.first(UInt8(ascii: "="), from: start)
    let hasValue = nameEnd < end
    position = end
    var writer = Writer(buffer)
    guard writer.appendPercentDecoded(bag.part(start, nameEnd &- start).bytes), writer.count > 0 else {
      return .malformed
    }
    let name = writer.count
    if hasValue {
      guard writer.appendPercentDecoded(bag.part(nameEnd &+ 1, end &- nameEnd &- 1).bytes) else { return .malformed }
    }
    guard writer.fits else { return .tooLarge(writer.count) }
    return .property(name: name, value: hasValue ? writer.count &- name : nil)
  }
}
