/// The properties that every message of a send has.
struct MessageProperties {
  struct Property {
    var name: [UInt8]
    var value: [UInt8]?
  }

  private(set) var list: [Property] = []
  /// Bytes of names and values, which the hub counts with the payload.
  private(set) var size = 0
  /// Most room that they take in a topic, percent-encoded.
  private(set) var encodedSize = 0

  /// Adds a property. Names of system properties begin with `$.`.
  mutating func append(_ name: String, _ value: String?) {
    list.append(Property(name: Array(name.utf8), value: value.map { Array($0.utf8) }))
    let bytes = name.utf8.count + (value?.utf8.count ?? 0)
    size += bytes
    encodedSize += 3 * bytes + 2
  }

  /// Adds `name=value`, `name=` or `name`. False when the name is empty.
  mutating func append(_ text: String) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return false }
    append(String(name), parts.count > 1 ? String(parts[1]) : nil)
    return true
  }

  func contains(_ name: String) -> Bool { list.contains { $0.name == Array(name.utf8) } }
}
