import Mote
import MoteBytes

/// A payload that comes in pieces, put together up to a limit.
struct Pieces {
  /// Longer than any that a hub sends of twins and methods.
  static let longest = 262_144

  private(set) var bytes: [UInt8] = []

  /// Takes a piece. Whether it was the last of a payload that is not too long.
  mutating func take(_ event: DeviceEvent) -> Bool {
    if event.offset == 0 { bytes = [] }
    if event.total <= Pieces.longest { bytes += event.payload.array }
    return event.isComplete && event.total <= Pieces.longest
  }

  /// As JSON on one line, or as a text in base64 when it is none.
  var json: (text: String, isJSON: Bool) {
    if let document = JSONDocument(bytes) { return (document.text, true) }
    return (JSONObject.text(bytes.base64), false)
  }

  /// What a hub explains a refusal with, for people.
  var explanation: String { bytes.isEmpty ? "" : " It says: \(json.text)" }
}
