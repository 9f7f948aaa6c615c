import MoteBytes
import MoteHTTP

/// Bytes from a server after a request, in pieces of any size, and then the end of the connection: what is told stays inside the
/// receive buffer, is the same however the bytes were split, and ends in a failure of mote.h or in none.
///
/// An input is the capacity beyond the least, whether the request was HEAD, how it is split (0: not at all), and the bytes.
func fuzz(_ input: inout Input) {
  let capacity = HTTPMemory.leastBuffer + Int(input.byte())
  let isHead = input.byte() & 1 == 1
  let split = input.byte()
  let bytes = input.rest()
  let once = told(bytes, capacity, isHead) { $0 }
  var generator = Generator(state: UInt64(split))
  let most = 1 + Int(split & 0x3F)
  let again = told(bytes, capacity, isHead) { split == 0 ? 1 : Int.random(in: 1...min(most, $0), using: &generator) }
  demand(once == again, "told otherwise in pieces: \(once) and \(again)")
}

/// What a connection told.
private struct Story: Equatable {
  struct Response: Equatable {
    var status: Int32
    var headers: [[UInt8]] = []
    var body: [UInt8] = []
    var total: Int?
    var isComplete = false
    var keepsConnection = false
  }

  var responses: [Response] = []
  var failure: Int32?
}

/// Asks, and asks again after each response, as long as the connection takes requests. Bytes come as many at a time as `step`
/// says of those that could.
private func told(_ bytes: [UInt8], _ capacity: Int, _ isHead: Bool, step: (Int) -> Int) -> Story {
  let receiving = Buffer(capacity)
  let sending = Buffer(HTTPMemory.leastBuffer)
  var connection = HTTPConnection(HTTPMemory(receiving: receiving.region, sending: sending.region))
  var event = HTTPEvent()
  var story = Story()
  var place = 0
  do throws(Failure) {
    try ask(&connection, isHead)
    while true {
      while try connection.next(&event) {
        tell(event, &story, receiving)
        // What came behind a response is none to another request: it is left where it is.
        if event.kind == .complete { return story }
      }
      if place == bytes.count { break }
      let space = connection.space()
      demand(space.count > 0 && receiving.holds(space), "no space, or outside the buffer")
      let count = step(min(space.count, bytes.count - place))
      space.copy(Array(bytes[place..<place + count]).span, to: 0)
      connection.received(count)
      place += count
    }
    connection.closed()
    while try connection.next(&event) { tell(event, &story, receiving) }
    demand(story.responses.last?.isComplete == true, "neither complete nor cut short")
  } catch {
    demand((-279 ... -270).contains(error.code) || error.code == -25 && bytes.isEmpty, "ended with \(error.code)")
    story.failure = error.code
  }
  return story
}

private func ask(_ connection: inout HTTPConnection, _ isHead: Bool) throws(Failure) {
  var request = connection.compose(((isHead ? "HEAD" : "GET") as StaticString).bytes)
  request.append("/")
  request.endTarget(host: ("h" as StaticString).bytes)
  try connection.send(request)
  connection.sent(connection.transmission.count)
}

private func tell(_ event: HTTPEvent, _ story: inout Story, _ receiving: Buffer) {
  for region in [event.name, event.value, event.piece] { demand(receiving.holds(region), "outside the buffer") }
  let last = story.responses.count - 1
  if event.kind != .response { demand(last >= 0 && !story.responses[last].isComplete, "told without a response") }
  switch event.kind {
  case .none: fatalError("told nothing")
  case .response:
    demand(last < 0 && event.status >= 200 && event.status <= 999, "another response, or an interim one")
    story.responses.append(Story.Response(status: event.status))
  case .header:
    demand(event.name.bytes.isToken, "a name that is none")
    demand(!event.value.array.contains { $0 < 0x20 && $0 != 9 || $0 == 0x7F }, "a control character")
    story.responses[last].headers += [event.name.array, event.value.array]
  case .skipped:
    demand(event.name.bytes.isToken, "a name that is none")
    story.responses[last].headers += [event.name.array]
  case .body:
    demand(event.offset == story.responses[last].body.count && event.piece.count > 0, "not the next piece")
    story.responses[last].body += event.piece.array
    story.responses[last].total = event.total
    if let total = event.total { demand(story.responses[last].body.count <= total, "more than its length") }
  case .complete:
    if let total = story.responses[last].total { demand(story.responses[last].body.count == total, "not its length") }
    story.responses[last].isComplete = true
    story.responses[last].keepsConnection = event.keepsConnection
  }
}
