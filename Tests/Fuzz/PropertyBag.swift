import MoteBytes
import MoteHub

/// A property bag: any bytes end, in properties that stay inside the buffer; what was read and is written is read the same.
func fuzz(_ input: inout Input) {
  let bag = Buffer(input.rest())
  // Room for the longest, since decoding makes nothing longer.
  let room = Buffer(bag.region.count)
  let read = properties(in: bag, room)
  demand(read.properties == expected(bag.region.array, malformed: read.isMalformed), "read otherwise than defined")

  let measure = Buffer(4 * bag.region.count + 2 * read.properties.count)
  var writer = Writer(measure.region)
  for property in read.properties {
    let (name, value) = (property.name, property.value)
    // A span of an optional array is no expression, so that there are two.
    if let value {
      writer.appendProperty(name.span, value.span, isFirst: writer.count == 0)
    } else {
      writer.appendProperty(name.span, nil, isFirst: writer.count == 0)
    }
  }
  demand(writer.fits, "longer than three times")
  let written = writer.written.array
  demand(written.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") }, "a byte that must be escaped")
  let copy = Buffer(written)
  let again = properties(in: copy, Buffer(bag.region.count))
  demand(!again.isMalformed && again.properties == read.properties, "read differently")
}

private struct Property: Equatable {
  var name: [UInt8]
  var value: [UInt8]?
}

/// The properties by the definition: pairs between `&`, split at the first `=`, percent-encoded on both sides. When one is
/// malformed there are fewer.
private func expected(_ bag: [UInt8], malformed: Bool) -> [Property]? {
  var found: [Property] = []
  let text = bag.first == UInt8(ascii: "?") ? bag.dropFirst() : bag[...]
  for pair in text.split(separator: UInt8(ascii: "&")) {
    let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = percentDecoded(halves[0]), !name.isEmpty else { return malformed ? found : nil }
    guard halves.count == 2 else {
      found.append(Property(name: name))
      continue
    }
    guard let value = percentDecoded(halves[1]) else { return malformed ? found : nil }
    found.append(Property(name: name, value: value))
  }
  return malformed ? nil : found
}

/// The properties of a bag, up to a malformed one; each is read with too little room first.
private func properties(in bag: Buffer, _ room: Buffer) -> (properties: [Property], isMalformed: Bool) {
  var found: [Property] = []
  var reader = PropertyBag(bag.region)
  while true {
    let before = reader.position
    var first = PropertyBag(bag.region, from: before)
    let tight = Buffer(min(room.region.count, before % 7))
    let firstResult = first.next(into: tight.region)
    let result = reader.next(into: room.region)
    demand(reader.position == first.position && reader.position >= before, "another position with less room")
    demand(reader.position <= bag.region.count, "beyond the bag")
    switch result {
    case .none: return (found, false)
    case .malformed: return (found, true)
    case .tooLarge: fatalError("longer than its escapes")
    case .property(let name, let value):
      let count = name + (value ?? 0)
      demand(name > 0 && count <= room.region.count, "a property outside the buffer")
      demand(reader.position > before, "no progress")
      switch firstResult {
      case .tooLarge(let needed):
        demand(needed == count && needed > tight.region.count, "needs \(needed) for \(count)")
      case .property(let again, _): demand(again == name && count <= tight.region.count, "another name with less room")
      default: fatalError("no property with less room")
      }
      found.append(
        Property(
          name: room.region.part(0, name).array, value: value.map { room.region.part(name, $0).array }))
    }
  }
}
