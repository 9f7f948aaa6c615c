import CMoteCommand
import Glibc
import MoteBytes
import MoteLinux

/// A command of the shell that answers a method.
final class MethodProcess {
  /// The longest response that a hub takes.
  static let longest = 131_072

  let call: MethodCall
  /// When it has taken too long.
  let deadline: UInt64
  private var process = mote_command_process()
  private var output: [UInt8] = []
  /// Why it was killed: a response's status and a reason; nil when it was not.
  private var verdict: MethodResult?
  private let connection: Connection

  /// Starts `command`; nil when that is not possible.
  init?(_ command: String, _ call: MethodCall, patience: UInt64, _ connection: Connection) {
    self.call = call
    self.connection = connection
    deadline = LinuxPort.now + patience
    let input = Memory(call.payload)
    let status = unsafe mote_command_process_start(
      &process, command, call.name, call.component, input.region.pointer, input.region.count)
    guard status == 0 else { return nil }
    connection.wake(for: process.watch, true)
    connection.wake(for: process.output, true)
  }

  /// Reads what it has said, and ends it when that is too much or has taken too long. Its result, once it has ended.
  func advance() -> MethodResult? {
    let hasEnded = unsafe mote_command_process_has_ended(&process) != 0
    read()
    if !hasEnded {
      if LinuxPort.now >= deadline { kill(MethodResult(504, reason: "The command took too long.")) }
      return nil
    }
    connection.wake(for: process.watch, false)
    connection.wake(for: process.output, false)
    let code = unsafe mote_command_process_end(&process)
    if let verdict { return verdict }
    if !output.isEmpty && JSONDocument(output) == nil {
      return MethodResult(500, reason: "The command's output is no JSON.")
    }
    return MethodResult(code == 0 ? 200 : 500, output)
  }

  /// Ends it at once; nobody waits for its result.
  func kill() {
    unsafe mote_command_process_kill(&process)
    connection.wake(for: process.watch, false)
    connection.wake(for: process.output, false)
    _ = unsafe mote_command_process_end(&process)
  }

  private func kill(_ verdict: MethodResult) {
    if self.verdict == nil { self.verdict = verdict }
    unsafe mote_command_process_kill(&process)
  }

  private func read() {
    let room = Memory(count: 65_536)
    while true {
      // Sound: reads no more than there is room for.
      let count = unsafe Glibc.read(process.output, room.region.pointer, room.region.count)
      if count < 0 { return }
      // It may go on without an output.
      if count == 0 { return connection.wake(for: process.output, false) }
      if output.count <= MethodProcess.longest { output += room.region.part(0, count).array }
      if output.count > MethodProcess.longest {
        kill(MethodResult(500, reason: "The command's output is longer than \(MethodProcess.longest) bytes."))
      }
    }
  }
}

/// A method that was called.
struct MethodCall {
  let token: Int
  let name: String
  /// Empty: there is none.
  let component: String
  var payload: [UInt8] = []

  /// As `--method` names it.
  var fullName: String { component.isEmpty ? name : "\(component)*\(name)" }
}

/// What a method is answered with.
struct MethodResult {
  let status: UInt32
  let payload: [UInt8]
  /// What went wrong, for the one who serves.
  var reason: String?

  init(_ status: UInt32, _ payload: [UInt8]) {
    self.status = status
    self.payload = payload
  }

  /// A failure, whose reason the caller learns too.
  init(_ status: UInt32, reason: String) {
    var object = JSONObject()
    object.append("error", JSONObject.text(reason))
    self.init(status, Array(object.text.utf8))
    self.reason = reason
  }
}
