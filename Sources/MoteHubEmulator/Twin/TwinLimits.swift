#if Tools

/// What a section of a twin may hold (protocol.md 9.5).
struct TwinLimits {
  static let properties = TwinLimits(bytes: 32 * 1024)
  static let tags = TwinLimits(bytes: 8 * 1024)
  /// Levels below the section itself.
  static let depth = 10
  static let nameBytes = 1024
  static let valueBytes = 4096
  static let integers: ClosedRange<Int64> = -4_503_599_627_370_496...4_503_599_627_370_495

  /// Names and values of all members, in UTF-8.
  let bytes: Int

  /// The patch without `$version` and `$metadata`, which are not its sender's to set; throws what is wrong with the rest.
  func checked(_ patch: JSON, _ section: String) throws(HubError) -> JSON.Object {
    guard case .object(var object) = patch else { throw .argumentInvalid("\(section): it is not a JSON object.") }
    object["$version"] = nil
    object["$metadata"] = nil
    try Self.check(object, section, depth: 0)
    return object
  }

  func checkSize(_ object: JSON.Object, _ section: String) throws(HubError) {
    let size = Self.size(.object(object))
    if size > bytes {
      throw .argumentInvalid("\(section): its \(size) bytes are more than the \(bytes) that there may be.")
    }
  }

  private static func check(_ object: JSON.Object, _ path: String, depth: Int) throws(HubError) {
    try checkDepth(depth, path)
    for (name, value) in object {
      guard (1...nameBytes).contains(name.utf8.count) else {
        throw .argumentInvalid("\(path): a name has \(name.utf8.count) bytes; it has from 1 to \(nameBytes).")
      }
      if let scalar = name.unicodeScalars.first(where: isForbidden) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw .argumentInvalid(
          "\(path): a name contains the character U+\(code); forbidden are control characters, '.', '$' and space.")
      }
      try check(value, "\(path).\(name)", depth: depth)
    }
  }

  private static func check(_ value: JSON, _ path: String, depth: Int) throws(HubError) {
    switch value {
    case .null, .bool, .number: break
    case .integer(let integer):
      guard integers.contains(integer) else {
        throw .argumentInvalid("\(path): an integer is from \(integers.lowerBound) to \(integers.upperBound).")
      }
    case .string(let string):
      if string.utf8.count > valueBytes { throw .argumentInvalid("\(path): a value has at most \(valueBytes) bytes.") }
    case .object(let object): try check(object, path, depth: depth + 1)
    case .array(let array):
      if size(value) > valueBytes { throw .argumentInvalid("\(path): a value has at most \(valueBytes) bytes.") }
      try checkDepth(depth + 1, path)
      for element in array { try check(element, path, depth: depth + 1) }
    }
  }

  private static func checkDepth(_ depth: Int, _ path: String) throws(HubError) {
    if depth > Self.depth { throw .argumentInvalid("\(path): it is deeper than \(Self.depth) levels.") }
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "." || scalar == "$" || scalar == " "
  }

  /// How much of the limit a value uses: a number counts 8 bytes, true, false and null count 4.
  private static func size(_ value: JSON) -> Int {
    switch value {
    case .null, .bool: 4
    case .integer, .number: 8
    case .string(let string): string.utf8.count
    case .array(let array): array.reduce(0) { $0 + size($1) }
    case .object(let object): object.reduce(0) { $0 + $1.name.utf8.count + size($1.value) }
    }
  }
}

#endif
