#if Tools

package import Foundation

/// Times in ISO 8601, UTC, as the service writes them.
package enum Timestamp {
  /// With a fraction of a second of so many digits: `2026-11-23T08:30:00.1234567Z`, and with none `2026-11-23T08:30:00Z`.
  package static func text(_ date: Date, digits: Int = 0) -> String {
    let whole = date.timeIntervalSince1970.rounded(.down)
    var text = Date(timeIntervalSince1970: whole).formatted(.iso8601)
    if digits > 0 {
      let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
      let fraction = String(Int((date.timeIntervalSince1970 - whole) * Double(scale)))
      text.removeLast()
      text += "." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction + "Z"
    }
    return text
  }

  /// What the service writes for a time that has not been.
  package static let never = "0001-01-01T00:00:00Z"

  /// A time with or without fraction, in UTC or with an offset; nil when the text is none.
  package static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }
}

#endif
