/// A JSON object that is being written.
struct JSONObject {
  private var members: [String] = []

  /// Adds a member whose value is JSON already; nothing when there is no value.
  mutating func append(_ name: String, _ value: String?) {
    if let value { members.append("\(JSONObject.text(name)):\(value)") }
  }

  /// The object.
  var text: String { "{\(members.joined(separator: ","))}" }

  /// A string.
  static func text(_ string: String) -> String { "\"\(escaped(string))\"" }

  /// A number as JSON has it, or nil when `text` is none.
  static func number(_ text: some StringProtocol) -> String? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// A string with control characters, what cannot be seen, quotation marks and backslashes escaped.
  static func escaped(_ string: String) -> String {
    var result = ""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.isControl || scalar.isInvisible:
        for unit in UTF16.encode(scalar) ?? .init() {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether a terminal might take it for a command.
  var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }

  /// Whether it shows nothing and may change how the text around it shows: its direction, where lines end, what is joined.
  var isInvisible: Bool {
    switch properties.generalCategory {
    case .format, .lineSeparator, .paragraphSeparator: true
    default: properties.isDefaultIgnorableCodePoint
    }
  }
}
