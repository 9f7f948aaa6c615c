import MoteBytes

/// Base64, percent-encoding, decimal, UTF-8 and the reader, each beside a second way of saying the same.
func fuzz(_ input: inout Input) {
  let choice = input.byte()
  let size = Int(input.byte())
  let bytes = Buffer(input.rest())
  switch choice % 5 {
  case 0: base64(bytes, size)
  case 1: percent(bytes, size)
  case 2: decimal(bytes, size)
  case 3: text(bytes)
  default: reader(bytes, size)
  }
}

/// Writes with `capacity` bytes of room; the room that it needed, and what is there.
private func write(_ capacity: Int, _ writing: (inout Writer) -> Void) -> (needed: Int, written: [UInt8]) {
  let room = Buffer(capacity)
  var writer = Writer(room.region)
  writing(&writer)
  demand(writer.fits == (writer.count <= capacity), "fits and does not")
  return (writer.count, writer.written.array)
}

private func base64(_ bytes: Buffer, _ size: Int) {
  let encoded = write(bytes.region.count / 3 * 4 + 4) { $0.appendBase64(bytes.region.bytes) }
  demand(encoded.needed == (bytes.region.count + 2) / 3 * 4, "another length")
  let (short, none) = write(min(size, max(encoded.needed - 1, 0))) {
    $0.appendBase64(bytes.region.bytes)
  }
  demand(short == encoded.needed && (none.isEmpty || short == 0), "needs another room when there is less")
  if bytes.region.count > 0 {
    demand(decode(encoded.written, bytes.region.count) == bytes.region.array, "not the same")
  }

  // Whatever is decoded is the one encoding of what it gives; with less room it is refused.
  guard let decoded = decode(bytes.region.array, bytes.region.count) else { return }
  let again = write(bytes.region.count) { $0.appendBase64(decoded.span) }
  demand(again.written == bytes.region.array, "two encodings of one value")
  demand(decoded.isEmpty || decode(bytes.region.array, decoded.count - 1) == nil, "decoded beyond its room")
}

private func decode(_ bytes: [UInt8], _ capacity: Int) -> [UInt8]? {
  var room = [UInt8](repeating: 0, count: capacity)
  var span = room.mutableSpan
  guard let count = bytes.span.decodeBase64(into: &span) else { return nil }
  demand(count <= capacity, "decoded \(count) into \(capacity)")
  return Array(room.prefix(count))
}

private func percent(_ bytes: Buffer, _ size: Int) {
  let encoded = write(bytes.region.count * 3) { $0.appendPercentEncoded(bytes.region.bytes) }
  let again = write(bytes.region.count) {
    demand($0.appendPercentDecoded(encoded.written.span), "its own encoding is malformed")
  }
  demand(again.written == bytes.region.array, "not the same")
  var isGood = false
  let decoded = write(size) { isGood = $0.appendPercentDecoded(bytes.region.bytes) }
  let expected = percentDecoded(bytes.region.array)
  demand(isGood == (expected != nil), "malformed or not")
  if let expected {
    demand(decoded.needed == expected.count, "another length")
    if expected.count <= size { demand(decoded.written == expected, "decoded differently") }
  }
}

private func decimal(_ bytes: Buffer, _ size: Int) {
  // All eight bytes are a number; its decimal is the standard library's.
  let number = bytes.region.array.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
  let written = write(20) { $0.appendDecimal(number) }.written
  demand(written == Array(String(number).utf8), "\(number) is written differently")
  for limit in [0, 1, size, 65_535, Int.max / 10, Int.max - 1, Int.max] {
    let read = bytes.region.bytes.decimal(limit: limit)
    let array = bytes.region.array
    // Digits alone: the standard library takes signs. Leading zeros change nothing.
    let isNumber = !array.isEmpty && array.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let expected = isNumber ? Int(String(decoding: array, as: UTF8.self)) : nil
    demand(
      read == expected.flatMap { $0 <= limit ? $0 : nil }, "\(array) up to \(limit) is \(String(describing: read))")
    if number <= UInt64(limit) { demand(written.span.decimal(limit: limit) == Int(number), "\(number) is not read") }
  }
}

private func text(_ bytes: Buffer) {
  let array = bytes.region.array
  let expected = String(validating: array, as: UTF8.self) != nil && !array.contains(0)
  demand(bytes.region.bytes.isMQTTText == expected, "text or not: \(array)")
}

private func reader(_ bytes: Buffer, _ size: Int) {
  let array = bytes.region.array
  let end = array.count
  let start = min(size, end)
  var reader = Reader(bytes.region, from: start, to: end)
  var place = start
  for step in array {
    let before = place
    switch step & 3 {
    case 0:
      let value = reader.byte()
      place += 1
      demand(value == (place <= end ? array[before] : 0), "another byte")
    case 1:
      let value = reader.number16()
      place += 2
      if place <= end { demand(value == Int(array[before]) << 8 | Int(array[before + 1]), "another number") }
    case 2:
      reader.skip(Int(step >> 2))
      place += Int(step >> 2)
    default:
      if step == 0xFF {
        reader.skip(.max)
        place = .max / 2
      }
    }
    demand(reader.failed == (place > end), "failed or not")
    if place > end { break }
    demand(reader.position == place && reader.remaining == end - place, "somewhere else")
  }
  if reader.failed { demand(reader.byte() == 0 && reader.number16() == 0 && reader.failed, "the error does not stick") }
}
