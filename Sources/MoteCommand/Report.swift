import Glibc

/// What `mote doctor` tells: a line a step, and a verdict in the end. Text of strangers cannot command a terminal.
struct Report {
  enum Outcome: String {
    case ok
    case warning
    case failed = "FAILED"
  }

  let isJSON: Bool
  let isColoured: Bool

  init(isJSON: Bool) {
    self.isJSON = isJSON
    // Sound: the texts are looked at, and nothing here changes the environment.
    let isPlain = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) == "dumb" } ?? true
    isColoured = !isPlain && !isDumb && isatty(STDOUT_FILENO) == 1
  }

  /// Tells a step, and what belongs to it in lines of their own.
  func tell(_ outcome: Outcome, _ step: String, _ text: String, details: [String] = []) throws(Explanation) {
    guard !isJSON else {
      var object = JSONObject()
      object.append("step", JSONObject.text(step))
      object.append("outcome", JSONObject.text(outcome.rawValue))
      object.append("text", JSONObject.text(text))
      object.append("details", list(details))
      return try output(object.text + "\n")
    }
    var lines = "\(word(outcome)) \(padded(step, 11)) \(JSONObject.safe(text))\n"
    for detail in details { lines += "                     \(JSONObject.safe(detail))\n" }
    try output(lines)
  }

  /// Tells how it stands, and what to do.
  func tell(_ verdict: Verdict) throws(Explanation) {
    guard !isJSON else {
      var object = JSONObject()
      object.append("step", JSONObject.text("verdict"))
      object.append("outcome", JSONObject.text(verdict.outcome.rawValue))
      object.append("text", JSONObject.text(verdict.text))
      object.append("remedies", list(verdict.remedies))
      object.append("exit", "\(verdict.exit?.rawValue ?? 0)")
      return try output(object.text + "\n")
    }
    var lines = "\n\(word(verdict.outcome)) \(padded("verdict", 11)) \(JSONObject.safe(verdict.text))\n"
    if !verdict.remedies.isEmpty { lines += "What to do, the likeliest first:\n" }
    for (index, remedy) in verdict.remedies.enumerated() { lines += "  \(index + 1). \(JSONObject.safe(remedy))\n" }
    try output(lines)
  }

  private func list(_ texts: [String]) -> String? {
    texts.isEmpty ? nil : "[\(texts.map(JSONObject.text).joined(separator: ","))]"
  }

  private func word(_ outcome: Outcome) -> String {
    let word = padded(outcome.rawValue, 8)
    guard isColoured else { return word }
    switch outcome {
    case .ok: return "\u{1B}[32m\(word)\u{1B}[0m"
    case .warning: return "\u{1B}[33m\(word)\u{1B}[0m"
    case .failed: return "\u{1B}[1;31m\(word)\u{1B}[0m"
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

/// How it stands with a device, and what to do.
struct Verdict {
  /// Nil when nothing is wrong.
  let exit: Exit?
  let text: String
  /// The likeliest first.
  var remedies: [String] = []

  var outcome: Report.Outcome { exit == nil ? .ok : .failed }
}

extension Verdict {
  /// What the other commands say of the same failure, and what else there is to do.
  init(_ explanation: Explanation, _ remedies: [String] = []) {
    self.init(exit: explanation.exit, text: explanation.text, remedies: remedies)
  }
}

extension JSONObject {
  /// Text in which control characters and what cannot be seen are escaped, and nothing else.
  static func safe(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      result += scalar.isControl || scalar.isInvisible ? escaped(String(scalar)) : String(scalar)
    }
    return result
  }
}
