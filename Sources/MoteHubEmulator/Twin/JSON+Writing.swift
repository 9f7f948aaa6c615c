#if Tools

extension JSON {
  /// The value in as few bytes as it takes.
  package var serialised: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  /// The same as text.
  package var text: String { String(decoding: serialised, as: UTF8.self) }

  /// The value for people: a member a line.
  package var indented: String {
    var bytes: [UInt8] = []
    write(to: &bytes, indentation: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to bytes: inout [UInt8], indentation: Int? = nil) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let bool): bytes += (bool ? "true" : "false").utf8
    case .integer(let integer): bytes += String(integer).utf8
    // JSON has neither; `parse` makes neither.
    case .number(let number): bytes += (number.isFinite ? number.description : "null").utf8
    case .string(let string): JSON.write(string, to: &bytes)
    case .array(let array):
      JSON.write(array, between: "[]", to: &bytes, indentation: indentation) { element, bytes, indentation in
        element.write(to: &bytes, indentation: indentation)
      }
    case .object(let object):
      JSON.write(object, between: "{}", to: &bytes, indentation: indentation) { member, bytes, indentation in
        JSON.write(member.name, to: &bytes)
        bytes += (indentation == nil ? ":" : ": ").utf8
        member.value.write(to: &bytes, indentation: indentation)
      }
    }
  }

  private static func write<Parts: Sequence>(
    _ parts: Parts, between brackets: String, to bytes: inout [UInt8], indentation: Int?,
    each: (Parts.Element, inout [UInt8], Int?) -> Void
  ) {
    let brackets = Array(brackets.utf8), inner = indentation.map { $0 + 2 }
    var isFirst = true
    func begin(line indentation: Int?) {
      if let indentation { bytes += ("\n" + String(repeating: " ", count: indentation)).utf8 }
    }
    bytes.append(brackets[0])
    for part in parts {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      begin(line: inner)
      each(part, &bytes, inner)
    }
    if !isFirst { begin(line: indentation) }
    bytes.append(brackets[1])
  }

  private static func write(_ string: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch UnicodeScalar(byte) {
      case "\"": bytes += "\\\"".utf8
      case "\\": bytes += "\\\\".utf8
      case "\n": bytes += "\\n".utf8
      case "\r": bytes += "\\r".utf8
      case "\t": bytes += "\\t".utf8
      case "\0"..."\u{1F}", "\u{7F}":
        let digits = String(byte, radix: 16)
        bytes += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

#endif
