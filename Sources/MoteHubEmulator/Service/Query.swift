#if Tools

/// The part of IoT Hub's query language that is understood here: `SELECT * FROM devices [WHERE condition]`, and the same of
/// `devices.modules`. A condition compares members of the twin (`tags.site = 'roof'`, `properties.reported.t >= 20`, `deviceId
/// IN ['a', 'b']`), asks `is_defined(tags.site)`, and is joined with AND, OR, NOT and parentheses. Everything else is refused.
struct Query {
  /// Whether it asks for modules, not for devices.
  let isOfModules: Bool
  private let condition: Condition?

  private indirect enum Condition {
    case comparison([String], Comparison, JSON)
    case among([String], [JSON])
    case isDefined([String])
    case not(Condition)
    case and(Condition, Condition)
    case or(Condition, Condition)
  }

  private enum Comparison: String {
    case equal = "=", notEqual = "!=", other = "<>", less = "<", notGreater = "<=", greater = ">", notLess = ">="
  }

  init(_ text: String) throws(HubError) {
    var parser = Parser(tokens: try Self.tokens(text))
    try parser.take("SELECT", "*", "FROM")
    switch parser.next?.text.lowercased() {
    case "devices": isOfModules = false
    case "devices.modules": isOfModules = true
    default: throw parser.error("FROM devices or devices.modules")
    }
    parser.offset += 1
    if parser.next == nil {
      condition = nil
      return
    }
    try parser.take("WHERE")
    condition = try parser.disjunction(depth: 0)
    if parser.next != nil { throw parser.error("AND, OR, or the end") }
  }

  /// Whether a twin, as the service side has it, is asked for.
  func accepts(_ twin: JSON) -> Bool { condition.map { Self.holds($0, twin) } ?? true }

  private static func holds(_ condition: Condition, _ twin: JSON) -> Bool {
    switch condition {
    case .comparison(let path, let comparison, let value): compare(member(path, of: twin), comparison, value)
    case .among(let path, let values): values.contains { compare(member(path, of: twin), .equal, $0) }
    case .isDefined(let path): member(path, of: twin) != nil
    case .not(let part): !holds(part, twin)
    case .and(let one, let other): holds(one, twin) && holds(other, twin)
    case .or(let one, let other): holds(one, twin) || holds(other, twin)
    }
  }

  private static func member(_ path: [String], of twin: JSON) -> JSON? {
    path.reduce(twin) { value, name in value?[name] }
  }

  /// What is not there, and what is of another kind, compares with nothing.
  private static func compare(_ value: JSON?, _ comparison: Comparison, _ other: JSON) -> Bool {
    guard let value, let order = order(value, other) else { return false }
    switch comparison {
    case .equal: return order == 0
    case .notEqual, .other: return order != 0
    case .less: return order < 0
    case .notGreater: return order <= 0
    case .greater: return order > 0
    case .notLess: return order >= 0
    }
  }

  private static func order(_ one: JSON, _ other: JSON) -> Int? {
    func sign<Value: Comparable>(_ one: Value, _ other: Value) -> Int { one < other ? -1 : one == other ? 0 : 1 }
    switch (one, other) {
    case (.string(let one), .string(let other)): return sign(one, other)
    case (.bool(let one), .bool(let other)): return sign(one ? 1 : 0, other ? 1 : 0)
    case (.null, .null): return 0
    case (.integer(let one), .integer(let other)): return sign(one, other)
    default:
      guard let one = one.real, let other = other.real else { return nil }
      return sign(one, other)
    }
  }

  /// Bounds how deep conditions are nested in each other.
  private static let mostTokens = 1_000

  private struct Token {
    var text: String
    var isString = false
  }

  /// Names, numbers, symbols, and strings between single or double quotation marks.
  private static func tokens(_ text: String) throws(HubError) -> [Token] {
    var tokens: [Token] = [], rest = text[...]
    while let first = rest.first {
      if tokens.count == mostTokens { throw .argumentInvalid("query: it has more than \(mostTokens) parts.") }
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" || first == "\"" {
        guard let end = rest.dropFirst().firstIndex(of: first) else {
          throw .argumentInvalid("query: a string has no end.")
        }
        tokens.append(Token(text: String(rest[rest.index(after: rest.startIndex)..<end]), isString: true))
        rest = rest[rest.index(after: end)...]
      } else if let symbol = ["<=", ">=", "<>", "!="].first(where: rest.hasPrefix) {
        tokens.append(Token(text: symbol))
        rest = rest.dropFirst(2)
      } else if "()[],=<>*".contains(first) {
        tokens.append(Token(text: String(first)))
        rest.removeFirst()
      } else {
        let word = rest.prefix { !$0.isWhitespace && !"()[],=<>*'\"!".contains($0) }
        if word.isEmpty { throw .argumentInvalid("query: '\(first)' is not understood.") }
        tokens.append(Token(text: String(word)))
        rest = rest[word.endIndex...]
      }
    }
    return tokens
  }

  private struct Parser {
    let tokens: [Token]
    var offset = 0

    var next: Token? { offset < tokens.count ? tokens[offset] : nil }

    func error(_ expected: String) -> HubError {
      .argumentInvalid(
        "query: there is \(next.map { "'\($0.text)'" } ?? "the end") where \(expected) would be understood here.")
    }

    mutating func takes(_ word: String) -> Bool {
      guard let next, !next.isString, next.text.uppercased() == word else { return false }
      offset += 1
      return true
    }

    mutating func take(_ words: String...) throws(HubError) {
      for word in words where !takes(word) { throw error(word) }
    }

    mutating func disjunction(depth: Int) throws(HubError) -> Condition {
      if depth > 32 { throw .argumentInvalid("query: its parentheses are too deep.") }
      var condition = try conjunction(depth: depth)
      while takes("OR") { condition = .or(condition, try conjunction(depth: depth)) }
      return condition
    }

    mutating func conjunction(depth: Int) throws(HubError) -> Condition {
      var condition = try term(depth: depth)
      while takes("AND") { condition = .and(condition, try term(depth: depth)) }
      return condition
    }

    mutating func term(depth: Int) throws(HubError) -> Condition {
      if takes("NOT") {
        if depth > 32 { throw .argumentInvalid("query: it is too deep.") }
        return .not(try term(depth: depth + 1))
      }
      if takes("(") {
        let condition = try disjunction(depth: depth + 1)
        try take(")")
        return condition
      }
      if takes("IS_DEFINED") {
        try take("(")
        let path = try path()
        try take(")")
        return .isDefined(path)
      }
      let path = try path()
      if takes("IN") {
        try take("[")
        var values = [try value()]
        while takes(",") { values.append(try value()) }
        try take("]")
        return .among(path, values)
      }
      guard let next, !next.isString, let comparison = Comparison(rawValue: next.text) else {
        throw error("a comparison")
      }
      offset += 1
      return .comparison(path, comparison, try value())
    }

    mutating func path() throws(HubError) -> [String] {
      guard let next, !next.isString, next.text.first?.isLetter == true else { throw error("a member of the twin") }
      offset += 1
      return next.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    mutating func value() throws(HubError) -> JSON {
      guard let next else { throw error("a value") }
      let value = next.isString ? .string(next.text) : try? JSON.parse(next.text.lowercased().utf8)
      guard let value else { throw error("a value") }
      offset += 1
      return value
    }
  }
}

extension JSON {
  fileprivate var real: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}

#endif
