/// What a hub answers over HTTPS, as far as it says why a device is refused.
struct HubAnswer {
  let status: Int
  /// What the header `Date` tells, in seconds since 1970.
  let date: Int64?
  /// As 401003; nil when the answer has none.
  let code: Int?
  /// As DeviceNotFound.
  let name: String?
  let trackingID: String?
  let message: String?
  let retryAfter: String?

  /// The answer in what was received; nil when that is no HTTP.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
    func header(_ name: String) -> String? {
      let line = lines.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
      return line.map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
    self.status = status
    date = header("date").flatMap(Clock.seconds(date:))
    var body = String(text[end.upperBound...])
    // The older form has the newer one as the text of its message.
    if let inner = member("Message", of: body), inner.hasPrefix("{") { body = inner }
    let older = member("Message", of: body).flatMap { after("ErrorCode:", in: $0) }
    code = member("errorCode", of: body).flatMap { Int($0) }
    name = (header("iothub-errorcode") ?? older).map(HubAnswer.shown)
    let tracking = member("trackingId", of: body) ?? member("ExceptionMessage", of: body)
    trackingID = tracking.map { HubAnswer.shown(after("Tracking ID:", in: $0) ?? $0) }
    message = (member("message", of: body) ?? member("Message", of: body)).map(HubAnswer.shown)
    retryAfter = header("retry-after").map(HubAnswer.shown)
  }

  /// A stranger's words, cut short; not when they repeat a token, which an answer has no reason to.
  private static func shown(_ text: String) -> String {
    let lower = text.lowercased()
    return lower.contains("sig=") || lower.contains("sharedaccess") ? "(hidden)" : String(text.prefix(200))
  }

  /// Status, code, name, tracking identifier and message.
  var text: String {
    var text = "\(status)"
    for part in [code.map { "\($0)" }, name] { if let part, !part.isEmpty { text += " \(part)" } }
    if let message, !message.isEmpty { text += ", \"\(message)\"" }
    if let trackingID, !trackingID.isEmpty { text += ", tracking identifier \(trackingID)" }
    return text
  }

  /// Whether a hub said it, and not something in its place.
  var isOfHub: Bool { code != nil || name != nil }
}

/// The first member of that name in JSON, wherever it stands: a string without its escapes, or what else there is.
private func member(_ name: String, of json: String) -> String? {
  guard let found = json.firstRange(of: "\"\(name)\"") else { return nil }
  let rest = json[found.upperBound...].drop { $0 == " " || $0 == ":" }
  guard rest.first == "\"" else { return String(rest.prefix { $0 != "," && $0 != "}" && !$0.isWhitespace }) }
  var value = ""
  var isEscaped = false
  for character in rest.dropFirst() {
    if isEscaped {
      value.append(character == "r" || character == "n" ? " " : character)
      isEscaped = false
    } else if character == "\\" {
      isEscaped = true
    } else if character == "\"" {
      return value
    } else {
      value.append(character)
    }
  }
  return nil
}

/// What follows `prefix` up to a semicolon, space or the end.
private func after(_ prefix: String, in text: String) -> String? {
  guard let found = text.firstRange(of: prefix) else { return nil }
  return String(text[found.upperBound...].drop { $0 == " " }.prefix { $0 != ";" && $0 != " " })
}
