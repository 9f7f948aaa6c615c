#if Tools

import Foundation

/// Properties at the end of a topic (protocol.md 6 and 7): `name=value` joined with `&`, both percent-encoded.
enum PropertyBag {
  /// Reads a bag. A name without `=` has no value; a `+` is a `+`; an escape that is none stands for itself.
  static func properties(_ bag: some StringProtocol) -> [CloudMessage.Property] {
    bag.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return .init(decoded(parts[0]), parts.count == 2 ? decoded(parts[1]) : nil)
    }
  }

  static func text(_ properties: [CloudMessage.Property]) -> String {
    properties.map { property in
      encoded(property.name) + (property.value.map { "=" + encoded($0) } ?? "")
    }.joined(separator: "&")
  }

  /// Escapes all but unreserved characters (RFC 3986).
  static func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      default:
        result.append(UInt8(ascii: "%"))
        result.append(digits[Int(byte >> 4)])
        result.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func decoded(_ text: some StringProtocol) -> String { text.removingPercentEncoding ?? String(text) }

  private static let digits = Array("0123456789ABCDEF".utf8)
}

/// System properties, which have short names in a bag and long ones where people see them.
enum SystemProperty {
  static let names: [String: String] = [
    "$.mid": "messageId", "$.cid": "correlationId", "$.uid": "userId", "$.ct": "contentType", "$.ce": "contentEncoding",
    "$.ctime": "creationTime", "$.exp": "expiry", "$.to": "to", "$.on": "outputName", "$.sub": "component",
    "$.ifid": "interfaceId", "$.diagid": "diagnosticId", "$.diagctx": "diagnosticContext",
  ]

  /// The long name of what is a system property, and nil for an application's.
  static func name(_ key: String) -> String? {
    names[key] ?? (key.hasPrefix("$.") || key.hasPrefix("iothub-") ? key : nil)
  }
}

#endif
