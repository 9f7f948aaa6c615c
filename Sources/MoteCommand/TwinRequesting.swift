import CMote
import Mote
import MoteBytes
import MoteLinux

/// One request of the twin: asks, waits for the answer, and prints it.
struct TwinRequesting {
  let connection: Connection
  /// What to report; nil: to ask for the document.
  let patch: Memory?
  /// How long all of it may take, in milliseconds.
  let patience: UInt64

  private var pieces = Pieces()
  private var isDone = false

  init(_ connection: Connection, patch: Memory?, patience: UInt64) {
    self.connection = connection
    self.patch = patch
    self.patience = patience
  }

  mutating func run() throws(Explanation) {
    let deadline = LinuxPort.now + patience
    if let patch { try connection.report(patch.region) } else { try connection.getTwin() }
    try connection.start()
    while !isDone {
      if let event = connection.next(until: deadline) { try take(event) }
      if isDone { break }
      if let exit = connection.takeSignal() {
        connection.close()
        throw Explanation(exit, "Stopped before the hub has answered.")
      }
      guard LinuxPort.now < deadline else {
        let isConnected = connection.isConnected
        connection.close()
        throw isConnected ? unanswered : connection.explanation
      }
    }
    connection.close()
  }

  private var unanswered: Explanation {
    Explanation(.temporary, "The hub did not answer. A basic tier's hub has no twins.")
  }

  private mutating func take(_ event: DeviceEvent) throws(Explanation) {
    switch event.kind {
    case .twin, .reported:
      guard event.status >= 0 else { throw unanswered }
      guard pieces.take(event) else {
        if event.isComplete {
          throw Explanation(.protocolError, "The answer has \(event.total) bytes: no hub sends such.")
        }
        return
      }
      guard event.status < 300 else {
        connection.close()
        let exit: Exit = patch != nil && event.status < 429 ? .data : .refused
        throw Explanation(exit, "The hub refused it with status \(event.status).\(pieces.explanation)")
      }
      isDone = true
      try tell(event)
    case .disconnected: try connection.takeLoss(event)
    case .none, .connected, .sent, .failed, .message, .aborted, .skipped, .desired, .method: break
    }
  }

  private func tell(_ event: DeviceEvent) throws(Explanation) {
    if event.kind == .reported {
      var object = JSONObject()
      object.append("version", event.version > 0 ? "\(event.version)" : nil)
      return try output(object.text + "\n")
    }
    let (text, isJSON) = pieces.json
    guard isJSON else { throw Explanation(.protocolError, "The twin's document is no JSON. In base64: \(text)") }
    try output(text + "\n")
  }
}
