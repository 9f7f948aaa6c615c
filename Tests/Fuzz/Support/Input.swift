/// The bytes of one run, read as choices from the front. Past the end everything is zero, so that any bytes are an input.
struct Input {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isEmpty: Bool { position >= bytes.count }

  mutating func byte() -> UInt8 {
    defer { position += 1 }
    return isEmpty ? 0 : bytes[position]
  }

  /// A number from 0 up to, not including, `limit`, which is 256 at most.
  mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

  /// A number from 0 to 65,535, most significant byte first.
  mutating func number16() -> Int {
    let high = Int(byte())
    return high << 8 | Int(byte())
  }

  /// The next bytes, as many as there are.
  mutating func take(_ count: Int) -> [UInt8] {
    let start = min(position, bytes.count)
    position = min(start + count, bytes.count)
    return Array(bytes[start..<position])
  }

  /// Everything that is left.
  mutating func rest() -> [UInt8] { take(bytes.count) }
}
