#if Tools

import ArgumentParser
import MoteHubEmulator

/// Whether a program or a person reads the result.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.") var json = false

  /// Prints a value as JSON on one line, or in the words for people.
  func write(_ value: JSON, _ words: (JSON) async throws -> String) async throws {
    let text = json ? value.text : try await words(value)
    if !text.isEmpty { try result(text) }
  }
}

/// Text that does nothing to a terminal: control characters, and what cannot be seen, are escaped.
func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _
    where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.properties.isDefaultIgnorableCodePoint:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default:
      switch scalar.properties.generalCategory {
      case .format, .lineSeparator, .paragraphSeparator: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}

extension String {
  /// With so many spaces that it has this width.
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

#endif
