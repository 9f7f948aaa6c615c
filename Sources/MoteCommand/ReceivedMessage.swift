import MoteBytes
import MoteHub

/// A cloud-to-device message, put together from its pieces.
struct ReceivedMessage {
  private var properties: [(name: String, value: String?)] = []
  /// The property bag as it came, when it cannot be decoded.
  private var undecoded: String?
  private var payload: [UInt8] = []
  /// Whether the hub has sent it before.
  var isDuplicate = false

  init() {}

  /// A message that begins, with its property bag.
  init(properties bag: Region) {
    let buffer = Memory(count: bag.count)
    var reader = PropertyBag(bag)
    while true {
      switch reader.next(into: buffer.region) {
      case .none: return
      case .property(let nameCount, let valueCount):
        let name = String(validating: buffer.region.part(0, nameCount).array, as: UTF8.self)
        let value = valueCount.map { String(validating: buffer.region.part(nameCount, $0).array, as: UTF8.self) }
        if let name, value != .some(nil) {
          properties.append((name, value ?? nil))
        } else {
          undecoded = bag.text
        }
      case .malformed, .tooLarge: undecoded = bag.text
      }
    }
  }

  mutating func append(_ piece: Region) { payload += piece.array }

  /// The payload when it is text.
  private var payloadText: String? { String(validating: payload, as: UTF8.self) }

  /// One JSON object.
  var json: String {
    var bag = JSONObject()
    for property in properties { bag.append(property.name, property.value.map(JSONObject.text) ?? "null") }
    var object = JSONObject()
    object.append("properties", bag.text)
    object.append("propertiesEncoded", undecoded.map(JSONObject.text))
    if isDuplicate { object.append("duplicate", "true") }
    if let payloadText {
      object.append("payload", JSONObject.text(payloadText))
    } else {
      object.append("payloadBase64", JSONObject.text(payload.base64))
    }
    return object.text
  }

  /// For people: nothing in it can command a terminal.
  func text(number: Int) -> String {
    var text = "message \(number), \(payload.count) bytes\(isDuplicate ? ", sent again" : "")\n"
    for property in properties {
      text += "  " + JSONObject.escaped(property.name)
      if let value = property.value { text += " = " + JSONObject.escaped(value) }
      text += "\n"
    }
    if let undecoded { text += "  (cannot be decoded) " + JSONObject.escaped(undecoded) + "\n" }
    if let payloadText, payloadText.isPrintable {
      text += payloadText
      if !payloadText.hasSuffix("\n") { text += "\n" }
    } else {
      text += "(base64) " + payload.base64 + "\n"
    }
    return text + "\n"
  }
}

extension String {
  /// Whether it has no control characters besides those of plain text.
  fileprivate var isPrintable: Bool {
    unicodeScalars.allSatisfy { !$0.isControl || $0 == "\n" || $0 == "\t" || $0 == "\r" }
  }
}

extension [UInt8] {
  /// In base64, padded.
  var base64: String {
    let memory = Memory(count: (count + 2) / 3 * 4)
    var writer = Writer(memory.region)
    writer.appendBase64(span)
    return writer.written.text
  }
}
