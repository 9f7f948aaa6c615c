import MoteBytes
import MoteHTTP
import MoteTestSupport

/// What a connection told of a response.
struct Told: Equatable {
  var status: Int32 = 0
  var headers: [String] = []
  var skipped: [String] = []
  var body: [UInt8] = []
  var total: Int?
  var isComplete = false
  var keepsConnection = false
  var failure: Failure?
}

/// A connection with its memory, and the server's side of it.
final class Peer {
  let receiving: Memory
  let sending: Memory
  var connection: HTTPConnection

  init(receive: Int = 512, send: Int = 512) {
    receiving = Memory(receive)
    sending = Memory(send)
    connection = HTTPConnection(HTTPMemory(receiving: receiving.region, sending: sending.region))
  }

  // What the connection says, where it cannot be named itself.
  var isReady: Bool { connection.isReady }
  var transmission: Region { connection.transmission }
  var wanted: (room: Region, offset: Int)? { connection.wanted }

  /// Sends a request. What left.
  @discardableResult func request(_ method: String = "GET", _ target: String = "/") throws -> [UInt8] {
    var request = connection.compose(Array(method.utf8).span)
    request.append(Array(target.utf8).span)
    request.endTarget(host: Array("h".utf8).span)
    try connection.send(request)
    return transmit()
  }

  /// Takes at most `step` bytes at a time of what is to leave.
  func transmit(step: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let region = connection.transmission
      if region.count == 0 { return bytes }
      let count = min(step, region.count)
      bytes += (0..<count).map { region[$0] }
      connection.sent(count)
    }
  }

  /// Receives `bytes`, at most `step` at a time; `closes`: and the end of the connection.
  func receive(_ bytes: [UInt8], step: Int = .max, closes: Bool = false, _ told: inout Told) {
    var rest = bytes[...]
    while true {
      let space = connection.space()
      let count = min(step, space.count, rest.count)
      space.copy(Array(rest.prefix(count)).span, to: 0)
      connection.received(count)
      rest = rest.dropFirst(count)
      if closes && rest.isEmpty { connection.closed() }
      guard take(&told) else { return }
      if rest.isEmpty { return }
    }
  }

  /// Takes all events; false after a failure.
  func take(_ told: inout Told) -> Bool {
    var event = HTTPEvent()
    do throws(Failure) {
      while try connection.next(&event) {
        switch event.kind {
        case .none: break
        case .response: told.status = event.status
        case .header: told.headers.append(text(event.name) + ": " + text(event.value))
        case .skipped: told.skipped.append(text(event.name))
        case .body:
          precondition(event.offset == told.body.count)
          told.body += (0..<event.piece.count).map { event.piece[$0] }
          told.total = event.total
        case .complete:
          told.isComplete = true
          told.keepsConnection = event.keepsConnection
        }
      }
      return true
    } catch {
      told.failure = error
      return false
    }
  }

  private func text(_ region: Region) -> String {
    String(decoding: (0..<region.count).map { region[$0] }, as: UTF8.self)
  }
}

/// How `action` fails.
func failure(_ action: () throws(Failure) -> Void) -> Failure? {
  do throws(Failure) {
    try action()
    return nil
  } catch {
    return error
  }
}

/// What is told of a response to a request, in pieces of `step` bytes.
func told(
  _ response: String, method: String = "GET", receive: Int = 512, step: Int = .max, closes: Bool = false
) throws -> Told {
  let peer = Peer(receive: receive)
  try peer.request(method)
  var told = Told()
  peer.receive(Array(response.utf8), step: step, closes: closes, &told)
  return told
}
