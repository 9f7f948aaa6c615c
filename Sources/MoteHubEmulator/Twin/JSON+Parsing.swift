#if Tools

/// Why bytes are no JSON, or none that the hub takes.
package struct JSONError: Error, Hashable {
  /// How many bytes were good.
  package let offset: Int
  package let message: String
}

extension JSON {
  /// Most levels of arrays and objects.
  package static let maximumDepth = 64

  /// Reads one value with nothing but white space around it. Refuses what RFC 8259 does, and besides: text that is not
  /// UTF-8, half of a surrogate pair, a name twice in one object, an integer beyond 64 bits, a number beyond `Double`, more
  /// than `maximumDepth` levels.
  package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSON {
    var parser = Parser(bytes: Array(bytes))
    parser.skipSpace()
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    if parser.offset < parser.bytes.count { throw parser.error("something follows the value") }
    return value
  }

  private struct Parser {
    let bytes: [UInt8]
    var offset = 0

    func error(_ message: String) -> JSONError { JSONError(offset: offset, message: message) }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      offset += 1
      return true
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
      guard let byte = next else { throw error("a value is missing") }
      switch UnicodeScalar(byte) {
      case "{": return try object(depth: depth + 1)
      case "[": return try array(depth: depth + 1)
      case "\"": return .string(try string())
      case "t": return try word("true", .bool(true))
      case "f": return try word("false", .bool(false))
      case "n": return try word("null", .null)
      case "-", "0"..."9": return try number()
      default: throw error("this begins no value")
      }
    }

    mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
      for byte in "\(word)".utf8 {
        guard next == byte else { throw error("this begins no value") }
        offset += 1
      }
      return value
    }

    mutating func enter(depth: Int) throws(JSONError) {
      if depth > JSON.maximumDepth { throw error("there are more than \(JSON.maximumDepth) levels") }
      offset += 1
      skipSpace()
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON {
      try enter(depth: depth)
      var object = Object()
      if take("}") { return .object(object) }
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw error("a name is missing") }
        let name = try string()
        if object[name] != nil { throw error("a name occurs twice in one object") }
        skipSpace()
        guard take(":") else { throw error("a colon is missing") }
        skipSpace()
        object[name] = try value(depth: depth)
        skipSpace()
      } while take(",")
      guard take("}") else { throw error("a comma or a brace is missing") }
      return .object(object)
    }

    mutating func array(depth: Int) throws(JSONError) -> JSON {
      try enter(depth: depth)
      var array: [JSON] = []
      if take("]") { return .array(array) }
      repeat {
        skipSpace()
        array.append(try value(depth: depth))
        skipSpace()
      } while take(",")
      guard take("]") else { throw error("a comma or a bracket is missing") }
      return .array(array)
    }

    mutating func digits() throws(JSONError) {
      guard let first = next, isDigit(first) else { throw error("a digit is missing") }
      while let byte = next, isDigit(byte) { offset += 1 }
    }

    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    mutating func number() throws(JSONError) -> JSON {
      let start = offset
      _ = take("-")
      if !take("0") { try digits() }
      var isInteger = true
      if take(".") {
        isInteger = false
        try digits()
      }
      if take("e") || take("E") {
        isInteger = false
        if !take("+") { _ = take("-") }
        try digits()
      }
      let text = String(decoding: bytes[start..<offset], as: UTF8.self)
      if isInteger {
        guard let integer = Int64(text) else { throw error("an integer is beyond 64 bits") }
        return .integer(integer)
      }
      guard let number = Double(text), number.isFinite else { throw error("a number is too large") }
      return .number(number)
    }

    mutating func string() throws(JSONError) -> String {
      offset += 1
      var text: [UInt8] = []
      while let byte = next {
        offset += 1
        switch UnicodeScalar(byte) {
        case "\"":
          guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
          return string
        case "\\": text.append(contentsOf: try escaped())
        case "\0"..."\u{1F}":
          offset -= 1
          throw error("a control character is not escaped")
        default: text.append(byte)
        }
      }
      throw error("a string has no end")
    }

    mutating func escaped() throws(JSONError) -> [UInt8] {
      guard let byte = next else { throw error("a string has no end") }
      offset += 1
      switch UnicodeScalar(byte) {
      case "\"", "\\", "/": return [byte]
      case "b": return [0x08]
      case "f": return [0x0C]
      case "n": return [0x0A]
      case "r": return [0x0D]
      case "t": return [0x09]
      case "u":
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]) {
          guard take("\\"), take("u") else { throw error("half of a surrogate pair is missing") }
          units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
          throw error("half of a surrogate pair is missing")
        }
        return Array(text.utf8)
      default:
        offset -= 1
        throw error("there is no such escape")
      }
    }

    mutating func unit() throws(JSONError) -> UInt16 {
      var unit: UInt16 = 0
      for _ in 0..<4 {
        guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
          throw error("an escape has four hexadecimal digits")
        }
        unit = unit << 4 | UInt16(digit)
        offset += 1
      }
      return unit
    }
  }
}

#endif
