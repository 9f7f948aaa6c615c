import MoteBytes
import MoteJSON

/// A JSON document on one line, in which nothing can command a terminal.
struct JSONDocument {
  let text: String
  let isObject: Bool

  /// Checks the document; nil when it is none.
  init?(_ bytes: [UInt8]) {
    let memory = Memory(bytes)
    let buffer = Memory(count: 256)
    var reader = JSONReader(buffer: buffer.region)
    var kind: JSONToken.Kind?
    do throws(Failure) {
      try reader.feed(memory.region, isLast: true)
      while let token = try reader.next() { kind = kind ?? token.kind }
    } catch {
      return nil
    }
    isObject = kind == .beginObject
    var text = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      // Such characters stand within strings, where an escape is the same; but for white space.
      if scalar == "\n" || scalar == "\r" || scalar == "\t" {
        text += " "
      } else if scalar.isControl || scalar.isInvisible {
        text += JSONObject.escaped(String(scalar))
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    self.text = text
  }
}
