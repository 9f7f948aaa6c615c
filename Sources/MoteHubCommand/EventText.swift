#if Tools

import MoteHubEmulator

/// An event of the hub as a line for people. Names and values come from devices, and may be anything.
struct EventText {
  let text: String

  init(_ event: JSON) {
    func word(_ name: String) -> String? {
      switch event[name] {
      case nil, .null: nil
      case .string(let text): printable(text)
      case let value?: printable(value.text)
      }
    }
    let who = [word("device"), word("module")].compactMap(\.self).joined(separator: "/"), kind = word("kind") ?? ""
    var words = [word("time"), who.isEmpty ? nil : who, kind].compactMap(\.self)
    func add(_ names: String...) { words += names.compactMap(word) }
    switch kind {
    case "telemetry":
      words.append(word("body") ?? "base64:\(word("bodyBase64") ?? "")")
      words += Self.properties(event["systemProperties"]) + Self.properties(event["properties"])
    case "connected": add("protocol")
    case "disconnected": add("reason")
    case "cloudMessage":
      add("stage")
      words.append("#\(word("sequenceNumber") ?? "")")
      add("messageId")
    case "method":
      add("stage", "name", "status", "payload", "message")
    case "twin":
      words += [word("section"), word("version").map { "version \($0)" }, word("patch")].compactMap(\.self)
    case "identity": add("stage")
    case "upload":
      add("stage", "blobName")
      words += [word("bytes").map { "\($0) bytes" }, word("status"), word("description")].compactMap(\.self)
    case "missed": words.append("\(word("count") ?? "") events: this reader is too slow")
    default: break
    }
    text = words.joined(separator: " ")
  }

  /// `name=value`, or the name alone when it has no value.
  private static func properties(_ json: JSON?) -> [String] {
    json?.object?.map { name, value in printable(name) + (value.string.map { "=\(printable($0))" } ?? "") } ?? []
  }
}

#endif
