#if Tools

/// A JSON value (RFC 8259). `MoteJSON` has no tree and no copies; this one is for the hub, and shares nothing with it.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// The members of an object, in the order in which they came. A name occurs once.
  package struct Object: Sendable {
    private var members: [String: (place: Int, value: JSON)] = [:]
    private var next = 0

    package init() {}

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }

    /// The value of a member. A new one goes to the end; nil removes it.
    package subscript(name: String) -> JSON? {
      get { members[name]?.value }
      set {
        guard let newValue else {
          members[name] = nil
          return
        }
        if let place = members[name]?.place {
          members[name] = (place, newValue)
        } else {
          members[name] = (next, newValue)
          next += 1
        }
      }
    }
  }

  package subscript(name: String) -> JSON? { object?[name] }

  package var object: Object? { if case .object(let object) = self { object } else { nil } }
  package var array: [JSON]? { if case .array(let array) = self { array } else { nil } }
  package var string: String? { if case .string(let string) = self { string } else { nil } }
  package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  /// An integer, also one that was written as a number without fraction, such as `3.0`.
  package var integer: Int64? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int64(exactly: number)
    default: nil
    }
  }
}

extension JSON.Object: Sequence {
  package func makeIterator() -> some IteratorProtocol<(name: String, value: JSON)> {
    members.sorted { $0.value.place < $1.value.place }.lazy.map { (name: $0.key, value: $0.value.value) }.makeIterator()
  }
}

extension JSON.Object: Hashable {
  /// Objects are equal when their members are, in whatever order.
  package static func == (one: Self, other: Self) -> Bool {
    one.count == other.count && one.members.allSatisfy { other.members[$0.key]?.value == $0.value.value }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(members.mapValues(\.value))
  }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSON)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension JSON: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSON)...) {
    var object = Object()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
}

#endif
