// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The same jobs through the Swift rooms, as Embedded Swift without a heap, and what the hub needs besides.

public import Bench
import MoteBytes
import MoteHub
import MoteMQTT

@c @implementation
public func bench_run(_ job: Int32, _ count: Int32, _ memory: UnsafeMutablePointer<bench_memory>!) -> Int32 {
  guard let memory = unsafe memory else { return 1 }
  let bench = unsafe Memory(memory)
  switch job {
  case BENCH_PUBLISH_QOS0, BENCH_PUBLISH_QOS1, BENCH_RECEIVE_QOS0: return messages(job, count, bench)
  case BENCH_SAS_TOKEN: return tokens(count, bench)
  case BENCH_PROPERTY_BAG: return bags(count, bench)
  default: return 2
  }
}

/// C's memory.
private struct Memory {
  let receive: Region
  let outbox: Region
  let wire: Region
  let topic: Region
  let payload: Region
  let message: Region

  @unsafe init(_ memory: UnsafeMutablePointer<bench_memory>) {
    var start = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt8.self)
    // Sound: these are the members of the struct, bytes one after the other.
    func next(_ count: Int32) -> Region {
      defer { unsafe start += Int(count) }
      return unsafe Region(start: start, count: Int(count))
    }
    receive = next(BENCH_RECEIVE_CAPACITY)
    outbox = next(BENCH_OUTBOX_CAPACITY)
    wire = next(BENCH_WIRE_CAPACITY)
    topic = next(BENCH_TOPIC_LENGTH)
    payload = next(BENCH_PAYLOAD)
    message = next(5 + BENCH_TOPIC_LENGTH + BENCH_PAYLOAD)
  }
}

private func flush(_ session: inout Session, _ wire: Region) {
  while true {
    let bytes = session.transmission(now: 1)
    if bytes.count == 0 { return }
    wire.copy(bytes.bytes, to: 0)
    session.sent(bytes.count, now: 1)
  }
}

private func feed(_ session: inout Session, _ bytes: Span<UInt8>) -> Bool {
  let space = session.space()
  guard space.count >= bytes.count else { return false }
  space.copy(bytes, to: 0)
  session.received(bytes.count)
  return true
}

private func messages(_ job: Int32, _ count: Int32, _ bench: Memory) -> Int32 {
  var options = MQTTMemory(receiving: bench.receive, outbox: bench.outbox)
  options.window = 1
  var session = Session(options)
  var event = Event()
  do throws(Failure) {
    var writer = session.composeConnect(.cleanSession)
    writer.appendField(("d" as StaticString).bytes)
    try session.connect(writer, .cleanSession, now: 0)
    flush(&session, bench.wire)
    let accepted: InlineArray<4, UInt8> = [0x20, 2, 0, 0]
    guard feed(&session, accepted.span), try session.next(&event, now: 1), event.kind == .connected else { return 3 }

    for _ in 0..<count {
      if job == BENCH_PUBLISH_QOS0 {
        _ = try session.publish(bench.topic.bytes, payload: bench.payload.bytes, .none)
        flush(&session, bench.wire)
      } else if job == BENCH_PUBLISH_QOS1 {
        let token = try session.publish(bench.topic.bytes, payload: bench.payload.bytes, .acknowledged)
        flush(&session, bench.wire)
        let acknowledgement: InlineArray<4, UInt8> = [
          0x40, 2, UInt8(truncatingIfNeeded: token >> 8), UInt8(truncatingIfNeeded: token),
        ]
        guard feed(&session, acknowledgement.span) else { return 4 }
        guard try session.next(&event, now: 1), event.kind == .acknowledged, event.token == token else { return 5 }
      } else {
        guard feed(&session, bench.message.bytes) else { return 6 }
        guard try session.next(&event, now: 1), event.payload.count == Int(BENCH_PAYLOAD) else { return 7 }
      }
    }
  } catch {
    return error.code
  }
  return 0
}

/// An identity whose connection string is put into the outbox, which these jobs have no other use for.
private func identity(_ bench: Memory) -> Identity? {
  var writer = Writer(bench.outbox)
  writer.append("HostName=MyExampleHub.azure-devices.net;DeviceId=my-symkey-device;SharedAccessKey=")
  writer.append("18RQk/hOPJR9EbsJlk2j8WA6vWaj/yi+oaYg7zmxfQNdOyMSu+SJ8O7TSlZhDJCYmn4rzEiVKIzNiVAWjLxrGA==")
  return try? Identity(connectionString: writer.written)
}

private func tokens(_ count: Int32, _ bench: Memory) -> Int32 {
  guard let identity = identity(bench) else { return 8 }
  for _ in 0..<count {
    var writer = Writer(bench.wire)
    guard writer.appendToken(for: identity, signer: Signer(key: identity.key), expiry: 1_663_119_026) else { return 9 }
    guard writer.count == 151 else { return 10 }
  }
  return 0
}

private func bags(_ count: Int32, _ bench: Memory) -> Int32 {
  guard let identity = identity(bench) else { return 8 }
  for _ in 0..<count {
    var writer = Writer(bench.wire)
    writer.appendTelemetryTopic(of: identity)
    writer.appendProperty(("$.ct" as StaticString).bytes, ("application/json" as StaticString).bytes, isFirst: true)
    writer.appendProperty(("$.ce" as StaticString).bytes, ("utf-8" as StaticString).bytes, isFirst: false)
    guard writer.fits else { return 11 }
  }
  return 0
}
