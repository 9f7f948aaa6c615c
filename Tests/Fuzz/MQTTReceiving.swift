import MoteBytes
import MoteMQTT

/// Bytes from a server after CONNACK, in pieces of any size: what is told stays inside the receive buffer, is the same
/// however the bytes were split, and ends in a failure of mote.h or in none.
///
/// An input is the capacity beyond the least, how it is split (0: not at all), and the server's bytes.
func fuzz(_ input: inout Input) {
  let capacity = MQTTMemory.leastBuffer + Int(input.byte())
  let split = input.byte()
  let bytes = input.rest()
  let once = told(bytes, capacity) { $0 }
  var generator = Generator(state: UInt64(split))
  let most = 1 + Int(split & 0x3F)
  let again = told(bytes, capacity) { split == 0 ? 1 : Int.random(in: 1...min(most, $0), using: &generator) }
  demand(once == again, "told otherwise in pieces: \(once) and \(again)")
}

/// What a session told of the bytes of a connection.
private struct Story: Equatable {
  struct Message: Equatable {
    var topic: [UInt8] = []
    var payload: [UInt8] = []
    var flags: UInt8
    var total: Int
    var isComplete = false
  }

  var messages: [Message] = []
  /// Lengths of topic and payload of each that was skipped.
  var skipped: [[Int]] = []
  /// What left in answer.
  var answers: [UInt8] = []
  var failure: Int32?
}

/// Receives `bytes`, as many at a time as `step` says of those that could be.
private func told(_ bytes: [UInt8], _ capacity: Int, step: (Int) -> Int) -> Story {
  let receiving = Buffer(capacity)
  let outbox = Buffer(MQTTMemory.leastBuffer)
  var session = Session(MQTTMemory(receiving: receiving.region, outbox: outbox.region))
  connect(&session)
  var story = Story()
  var event = Event()
  var place = 0
  do throws(Failure) {
    while true {
      while try session.next(&event, now: 0) { tell(event, &story, receiving) }
      let answers = session.transmission(now: 0)
      demand(receiving.holds(answers) || outbox.holds(answers), "what leaves is not in a buffer")
      story.answers += answers.array
      session.sent(answers.count, now: 0)
      if answers.count > 0 { continue }
      let space = session.space()
      demand(receiving.holds(space), "space outside the buffer")
      // Everything was accepted and has been answered, so that nothing can be in the way.
      demand(space.count > 0, "stuck")
      if place == bytes.count { break }
      let count = step(min(space.count, bytes.count - place))
      space.copy(bytes[place..<place + count].span, to: 0)
      session.received(count)
      place += count
    }
  } catch {
    demand((-117 ... -100).contains(error.code), "ended with \(error.code)")
    story.failure = error.code
    // What would have left depends on when the failure came.
    story.answers = []
  }
  let isOpen = story.messages.last?.isComplete == false
  session.lost()
  demand((try? session.next(&event, now: 0)) == isOpen, "aborted or not")
  demand((event.kind == .aborted) == isOpen, "not told as aborted")
  return story
}

private func connect(_ session: inout Session) {
  var writer = session.composeConnect(.none)
  writer.appendField(("c" as StaticString).bytes)
  var event = Event()
  do throws(Failure) {
    try session.connect(writer, .none, now: 0)
    session.sent(session.transmission(now: 0).count, now: 0)
    session.space().copy(Server.accepted().span, to: 0)
    session.received(4)
    let isConnected = try session.next(&event, now: 0)
    demand(isConnected && event.kind == .connected, "not connected")
  } catch {
    fatalError("not connected: \(error.code)")
  }
}

private func tell(_ event: Event, _ story: inout Story, _ receiving: Buffer) {
  demand(receiving.holds(event.topic) && receiving.holds(event.payload), "told of bytes outside the buffer")
  switch event.kind {
  case .message:
    let isOpen = story.messages.last?.isComplete == false
    demand((event.topic.count > 0) != isOpen, "a topic with a later piece, or none with the first")
    if !isOpen {
      demand(event.topic.bytes.isMQTTText && event.topic.count == event.topicCount, "a topic that is none")
      story.messages.append(Story.Message(topic: event.topic.array, flags: event.flags.rawValue, total: event.total))
    }
    let last = story.messages.count - 1
    demand(event.offset == story.messages[last].payload.count, "not the next piece")
    demand(event.total == story.messages[last].total, "another length")
    demand(event.offset + event.payload.count <= event.total, "more than its length")
    story.messages[last].payload += event.payload.array
    story.messages[last].isComplete = event.isComplete
    demand((event.token != 0) == (event.isComplete && event.flags.contains(.acknowledged)), "a token for nothing")
  case .skipped: story.skipped.append([event.topicCount, event.total])
  default: fatalError("told \(event.kind), of what was never sent")
  }
}
