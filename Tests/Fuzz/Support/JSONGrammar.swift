/// The grammar of RFC 8259 a second time, by descent over a whole document.
struct JSONGrammar {
  private let bytes: [UInt8]
  private var position = 0
  private let limit: Int

  /// Whether `bytes` are a document with at most `limit` objects and arrays open at a time.
  static func accepts(_ bytes: [UInt8], limit: Int) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var grammar = JSONGrammar(bytes: bytes, limit: limit)
    return grammar.value(0) && grammar.position == bytes.count
  }

  private init(bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  private var next: Character? { position < bytes.count ? Character(Unicode.Scalar(bytes[position])) : nil }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: Array(text.utf8)) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func space() {
    while let next, " \t\n\r".unicodeScalars.contains(where: { Character($0) == next }) { position += 1 }
  }

  private mutating func value(_ depth: Int) -> Bool {
    space()
    defer { space() }
    switch next {
    case "{":
      return list("}", depth) { grammar in
        grammar.space()
        guard grammar.string() else { return false }
        grammar.space()
        return grammar.take(":") && grammar.value(depth + 1)
      }
    case "[": return list("]", depth) { $0.value(depth + 1) }
    case "\"": return string()
    case "t": return take("true")
    case "f": return take("false")
    case "n": return take("null")
    default: return number()
    }
  }

  private mutating func list(_ end: String, _ depth: Int, _ member: (inout Self) -> Bool) -> Bool {
    guard depth < limit else { return false }
    position += 1
    space()
    if take(end) { return true }
    repeat { guard member(&self) else { return false } } while take(",")
    return take(end)
  }

  private mutating func digits() -> Int {
    let start = position
    while let next, ("0"..."9").contains(next) { position += 1 }
    return position - start
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") && digits() == 0 { return false }
    if take(".") && digits() == 0 { return false }
    guard take("e") || take("E") else { return true }
    if !take("+") { _ = take("-") }
    return digits() > 0
  }

  private mutating func string() -> Bool {
    guard take("\"") else { return false }
    while position < bytes.count {
      if take("\"") { return true }
      if take("\\") {
        if take("u") {
          guard let unit = unit() else { return false }
          if (0xDC00...0xDFFF).contains(unit) { return false }
          if (0xD800...0xDBFF).contains(unit) {
            guard take("\\u"), let second = self.unit(), (0xDC00...0xDFFF).contains(second) else { return false }
          }
        } else {
          guard let next, "\"\\/bfnrt".contains(next) else { return false }
          position += 1
        }
      } else {
        guard bytes[position] >= 0x20 else { return false }
        position += 1
      }
    }
    return false
  }

  /// Four hexadecimal digits.
  private mutating func unit() -> Int? {
    guard position + 4 <= bytes.count else { return nil }
    let text = bytes[position..<position + 4]
    guard text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }) else { return nil }
    position += 4
    return Int(String(decoding: text, as: UTF8.self), radix: 16)
  }
}
