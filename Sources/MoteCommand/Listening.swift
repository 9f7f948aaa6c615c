import Mote
import MoteBytes
import MoteMQTT

/// A listen: prints messages as they come, and acknowledges each when it has been printed.
struct Listening: Watch {
  static let name = "messages"

  /// The longest message that is put together. A hub's have 65,536 bytes at most.
  private static let longest = 262_144

  let connection: Connection
  /// How many messages; nil: without end.
  let limit: Int?
  let isJSON: Bool

  private var message = ReceivedMessage()
  private(set) var printed = 0

  init(_ connection: Connection, limit: Int?, isJSON: Bool) {
    self.connection = connection
    self.limit = limit
    self.isJSON = isJSON
  }

  mutating func take(_ event: DeviceEvent) throws(Explanation) {
    switch event.kind {
    case .message: try takePiece(event)
    case .aborted: message = ReceivedMessage()
    case .skipped:
      complain(
        "A message was passed over: its properties have \(event.skippedCount) bytes, its payload \(event.total), which are too many."
      )
    case .disconnected: try connection.takeLoss(event)
    case .connected: connection.console.note("listening")
    case .none, .sent, .failed, .twin, .desired, .reported, .method: break
    }
  }

  private mutating func takePiece(_ event: DeviceEvent) throws(Explanation) {
    if event.total > Listening.longest {
      // Acknowledged all the same: else it would come again for ever.
      if event.isComplete { complain("A message of \(event.total) bytes was passed over: no hub sends such.") }
      return
    }
    if event.offset == 0 {
      message = ReceivedMessage(properties: event.properties)
      message.isDuplicate = event.flags.contains(.duplicate)
    }
    message.append(event.payload)
    guard event.isComplete else { return }
    let isHeld = event.flags.contains(.acknowledged)
    if isHeld { try connection.hold() }
    try output(isJSON ? message.json + "\n" : message.text(number: printed + 1))
    if isHeld { try connection.accept(event.token) }
    printed += 1
    message = ReceivedMessage()
  }
}
