import MoteBytes
import MoteMQTT

/// The life of a session, CONNECT to work and again: an input is sizes, then requests of the application, of the server and
/// of time in any order, against a model that knows what must be true. In the end everything that was stored leaves.
///
/// | byte | what | bytes that follow |
/// | --- | --- | --- |
/// | 0 | bytes leave | how many, 0 for all |
/// | 1 | publish | flags (bit 7: at once, not composed), length of topic, a quarter of the payload's |
/// | 2 | publish in pieces | length of topic, a quarter of the payload's |
/// | 3 | supply | how many bytes |
/// | 4 | the server acknowledges | which |
/// | 5 | the server sends a message | first byte, identifier, length of topic, of payload |
/// | 6 | the server sends CONNACK | bit 0: session present; the rest: code |
/// | 7 | the server sends PINGRESP | |
/// | 8 | the server sends what follows | how many bytes, they |
/// | 9 | bytes arrive | how many, 0 for all |
/// | 10 | an event is taken | bit 0: and held |
/// | 11 | accept | which |
/// | 12 | time passes | 125 ms each |
/// | 13 | the connection is lost | |
/// | 14 | connect | bit 0: clean |
/// | 15 | subscribe | filters; bit 7: unsubscribe, bit 6: before messages leave |
/// | 16 | disconnect | bit 0: when nothing is in flight |
/// | 17 | drop | which |
/// | 18 | all that can be done now is done | |
/// | 19 | messages from now on expire | after 125 ms each, 0: never |
func fuzz(_ input: inout Input) {
  let receive = MQTTMemory.leastBuffer + Int(input.byte())
  let outbox = MQTTMemory.leastBuffer + 4 * Int(input.byte())
  // The window, and what the outbox does when it is full.
  let limits = input.number(below: 24)
  let model = SessionModel(
    receive: receive, outbox: outbox, window: 1 + limits % 8, keepAliveSeconds: 1 + Int(input.byte()),
    whenFull: [.refuses, .dropsOldest, .dropsNewest][limits / 8])
  while !input.isEmpty {
    step(model, &input)
    let deadline = model.session.deadline
    demand(deadline == .max || deadline <= model.now + model.keepAlive + model.patience, "a deadline far away")
  }
  finish(model)
}

private func step(_ model: SessionModel, _ input: inout Input) {
  switch input.number(below: 20) {
  case 0: model.transmit(some(&input))
  case 1:
    let flags = input.byte()
    model.publish(
      way: flags & 0x80 != 0 ? 0 : 1, topicCount: input.number(below: 64), payloadCount: 4 * Int(input.byte()),
      MessageFlags(rawValue: flags & 3))
  case 2: model.publish(way: 2, topicCount: input.number(below: 64), payloadCount: 4 * Int(input.byte()), .none)
  case 3: model.supply(Int(input.byte()))
  case 4:
    let owed = model.stored.filter(\.hasLeft)
    let which = Int(input.byte())
    if !owed.isEmpty { model.acknowledge(owed[which % owed.count]) }
  case 5: send(model, &input)
  case 6:
    let answer = input.byte()
    model.greet(present: answer & 1 != 0, code: answer >> 1)
  case 7:
    if !model.isGreeted { model.isHostile = true }
    model.incoming += Server.pong
  case 8:
    model.isHostile = true
    model.incoming += input.take(Int(input.byte()))
  case 9: model.receive(some(&input))
  case 10:
    model.take()
    if input.byte() & 1 != 0 { model.hold() }
  case 11:
    let which = Int(input.byte())
    model.accept(which < model.arrivals.count ? model.arrivals[which].token : which)
  case 12: model.now += 125 * UInt64(input.byte())
  case 13: model.lose()
  case 14: model.connect(clean: input.byte() & 1 != 0)
  case 15:
    let filters = input.byte()
    model.request(
      filters & 0x80 != 0 ? .unsubscribe : .subscribe, filters: Int(filters & 0x1F), first: filters & 0x40 != 0)
  case 16: model.disconnect(draining: input.byte() & 1 != 0)
  case 17:
    let which = Int(input.byte())
    model.drop(which < model.stored.count ? model.stored[which].identifier : which)
  case 18: settle(model)
  default: model.life = 125 * UInt64(input.byte())
  }
}

private func some(_ input: inout Input) -> Int {
  let count = Int(input.byte())
  return count == 0 ? .max : count
}

/// A message from the server; honest when its flags and identifier can be.
private func send(_ model: SessionModel, _ input: inout Input) {
  let first = 0x30 | input.byte() & 0x0F
  let identifier = Int(input.byte())
  let topic = SessionModel.topic(identifier, Int(input.byte()))
  let payload = [UInt8](repeating: first, count: Int(input.byte()))
  let service = first >> 1 & 3
  if !model.isGreeted || service > 1 || service == 0 && first & 8 != 0 || service == 1 && identifier == 0
    || topic.isEmpty
  {
    model.isHostile = true
  }
  let header = [0, UInt8(topic.count)] + topic + (service == 0 ? [] : [0, UInt8(identifier)])
  model.incoming += Server.packet(first, header + payload)
}

/// Does all that can be done now; then there is nothing to do before the deadline.
private func settle(_ model: SessionModel) {
  var rounds = 0
  var isWorking = true
  while isWorking {
    isWorking = model.take()
    if model.transmit(.max) { isWorking = true }
    if model.supply(.max) { isWorking = true }
    if model.receive(.max) { isWorking = true }
    rounds += 1
    demand(rounds < 100_000, "never done")
  }
  let deadline = model.session.deadline
  demand(deadline > model.now, "a deadline that has passed and nothing to do")
}

/// Connects to an honest server, to which all that was stored leaves, and from which what it acknowledges goes.
private func finish(_ model: SessionModel) {
  model.life = 0
  model.lose()
  model.connect(clean: false)
  model.greet(present: model.messages & 1 != 0, code: 0)
  settle(model)
  demand(model.phase == .connected, "not connected in the end")
  var rounds = 0
  while !model.stored.isEmpty {
    for entry in model.stored where entry.hasLeft { model.acknowledge(entry) }
    settle(model)
    rounds += 1
    demand(rounds < 1_000, "stuck with \(model.stored.count)")
  }
  demand(model.partial.isEmpty && model.arrivals.isEmpty, "something is left over")
  // All of the outbox is there again: what it needs beside a payload is told when that is too large.
  let capacity = model.outbox.region.count
  model.publish(way: 0, topicCount: 1, payloadCount: capacity, .acknowledged)
  model.publish(way: 0, topicCount: 1, payloadCount: 2 * capacity - model.session.needed, .acknowledged)
  demand(model.stored.count == 1, "the outbox has become smaller")
}
