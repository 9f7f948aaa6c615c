import Mote
import MoteBytes

/// A watch of the twin: prints its document after each connect, and desired properties as they change.
struct TwinWatching: Watch {
  static let name = "lines"

  let connection: Connection
  /// How many lines; nil: without end.
  let limit: Int?

  private var pieces = Pieces()
  private(set) var printed = 0

  init(_ connection: Connection, limit: Int?) {
    self.connection = connection
    self.limit = limit
  }

  mutating func take(_ event: DeviceEvent) throws(Explanation) {
    switch event.kind {
    case .twin, .desired:
      guard pieces.take(event) else {
        if event.isComplete { complain("\(event.total) bytes were passed over: no hub sends such.") }
        return
      }
      guard event.kind == .desired || event.status < 300 else {
        return complain("The hub refused the document with status \(event.status).\(pieces.explanation)")
      }
      var object = JSONObject()
      object.append("version", event.version > 0 ? "\(event.version)" : nil)
      let (text, isJSON) = pieces.json
      object.append((event.kind == .twin ? "twin" : "desired") + (isJSON ? "" : "Base64"), text)
      try output(object.text + "\n")
      printed += 1
    case .skipped: complain("A message was passed over that is neither of the twin nor for this device.")
    case .disconnected: try connection.takeLoss(event)
    case .none, .connected, .sent, .failed, .message, .aborted, .reported, .method: break
    }
  }
}
