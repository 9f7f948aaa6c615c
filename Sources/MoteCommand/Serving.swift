import CMote
import Mote
import MoteBytes
import MoteLinux

/// A serve: answers direct methods with what commands say, several at once.
struct Serving {
  let connection: Connection
  /// Commands of the shell by the names of their methods.
  let commands: [String: String]
  /// Whether what has no command is answered with its own payload.
  let echoes: Bool
  /// How many calls to answer; nil: without end.
  let limit: Int?
  /// How long a command may take, in milliseconds.
  let patience: UInt64

  private var call: MethodCall?
  private var pieces = Pieces()
  private var processes: [MethodProcess] = []
  /// Results that found no room in the outbox yet.
  private var waiting: [(call: MethodCall, result: MethodResult)] = []
  private var answered = 0

  init(_ connection: Connection, _ commands: [String: String], echoes: Bool, limit: Int?, patience: UInt64) {
    self.connection = connection
    self.commands = commands
    self.echoes = echoes
    self.limit = limit
    self.patience = patience
  }

  mutating func run() throws(Explanation) {
    defer { for process in processes { process.kill() } }
    try connection.start()
    while limit.map({ answered < $0 }) ?? true {
      if let event = connection.next(until: deadline) {
        try take(event)
      } else if let exit = connection.takeSignal() {
        connection.close()
        if limit != nil { throw Explanation(exit, "Stopped after \(answered) of \(limit ?? 0) calls.") }
        return
      }
      try advance()
    }
    // What was answered last leaves now: DISCONNECT would go before it.
    _ = connection.next(until: LinuxPort.now)
    connection.close()
  }

  private var deadline: UInt64 {
    let overdue = processes.map(\.deadline).min() ?? .max
    return waiting.isEmpty ? overdue : min(overdue, LinuxPort.now + 100)
  }

  private mutating func take(_ event: DeviceEvent) throws(Explanation) {
    switch event.kind {
    case .method: try takePiece(event)
    case .aborted: call = nil
    case .skipped: complain("A message was passed over that is no method for this device.")
    case .disconnected: try connection.takeLoss(event)
    case .connected: connection.console.note("waiting for calls")
    case .none, .sent, .failed, .message, .twin, .desired, .reported: break
    }
  }

  private mutating func takePiece(_ event: DeviceEvent) throws(Explanation) {
    if event.offset == 0 {
      call = MethodCall(token: event.token, name: event.name.text, component: event.component.text)
    }
    let isWhole = pieces.take(event)
    guard event.isComplete, var call else { return }
    self.call = nil
    guard isWhole else { return try finish(call, MethodResult(413, reason: "The call's payload is too long.")) }
    call.payload = pieces.bytes
    if let command = commands[call.fullName] {
      guard let process = MethodProcess(command, call, patience: patience, connection) else {
        return try finish(call, MethodResult(500, reason: "The command cannot be started: \(systemError())."))
      }
      processes.append(process)
    } else if echoes {
      try finish(call, MethodResult(200, call.payload))
    } else {
      try finish(call, MethodResult(404, reason: "There is no such method."))
    }
  }

  /// Sees to commands that have ended, and to results that wait for room.
  private mutating func advance() throws(Explanation) {
    let unsent = waiting
    waiting = []
    for (call, result) in unsent { try finish(call, result) }
    var running: [MethodProcess] = []
    for process in processes {
      if let result = process.advance() { try finish(process.call, result) } else { running.append(process) }
    }
    processes = running
  }

  private mutating func finish(_ call: MethodCall, _ result: MethodResult) throws(Explanation) {
    let payload = Memory(result.payload)
    switch connection.respond(call.token, result.status, payload.region) {
    case MOTE_OK: break
    case MOTE_ERROR_OUTBOX_FULL: return waiting.append((call, result))
    case MOTE_ERROR_LATE:
      return complain(
        "The connection that '\(JSONObject.escaped(call.fullName))' was called by has ended: nobody waits.")
    case let status: throw Explanation(.software, "A response cannot be stored: \(statusText(status))")
    }
    if let reason = result.reason { complain("'\(JSONObject.escaped(call.fullName))': \(reason)") }
    answered += 1
    var object = JSONObject()
    object.append("method", JSONObject.text(call.name))
    object.append("component", call.component.isEmpty ? nil : JSONObject.text(call.component))
    object.append("status", "\(result.status)")
    try output(object.text + "\n")
  }
}
