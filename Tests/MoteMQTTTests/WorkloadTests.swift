import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// Everything at once, at random, against a model that only knows what was stored and what a server would have seen.
struct WorkloadTests {
  /// What the model knows of a message.
  private struct Stored {
    var number: Int
    var identifier: Int
    var size: Int
    var isSourced = false
    var attempted = false
  }

  /// The session, and a server that parses what it gets.
  private final class Model {
    let bench: Bench
    let window: Int
    let capacity: Int
    var generator: Generator
    /// Stored and not acknowledged (quality of service 1) or not left (0), in order.
    var live: [Stored] = []
    var number = 0
    /// Bytes of the current connection that are no packet yet.
    var partial: [UInt8] = []
    /// Numbers that the server saw in this connection, and in all.
    var seenNow: [Int] = []
    var seen: [Int: Int] = [:]
    /// Identifiers that the server has to acknowledge, in this connection.
    var owed: [Int] = []
    var subscriptions: [Int: Int] = [:]
    var present = false
    /// Bytes of messages at most once that have left, perhaps together with others that have not.
    var leaving = 0
    /// Bytes of an entry beside topic and payload.
    let overhead: (atMostOnce: Int, acknowledged: Int)

    init(seed: UInt64) throws {
      generator = Generator(state: seed)
      window = Int.random(in: 1...6, using: &generator)
      capacity = Int.random(in: 128...700, using: &generator)
      bench = Bench(receive: 128, outbox: capacity, window: window)
      overhead = (try Model.overhead(.none), try Model.overhead(.acknowledged))
      bench.source = { [unowned self] offset, room in piece(offset, room) }
      try bench.connect()
    }

    /// Some of the bytes that are asked for.
    private func piece(_ offset: Int, _ room: Int) -> [UInt8] {
      let payload = Model.payload(live.first { $0.isSourced }?.number ?? 0)
      let count = Int.random(in: 0...room, using: &generator)
      return Array(payload[offset..<offset + count])
    }

    /// The bytes that the outbox says it needs beside topic and payload.
    private static func overhead(_ flags: MessageFlags) throws -> Int {
      let bench = Bench(outbox: 128)
      _ = try? bench.publish("t", [UInt8](repeating: 0, count: 1_000), flags)
      return bench.needed - 1_001
    }

    /// The payload of message `number`: its own number, and bytes that say so.
    static func payload(_ number: Int) -> [UInt8] {
      let length = number * 7919 % 90 + (number % 5 == 0 ? 300 : 0)
      return [UInt8(number >> 8), UInt8(number & 255)] + (0..<length).map { UInt8(truncatingIfNeeded: $0 &+ number) }
    }

    func fail(_ text: String) { Issue.record("\(text); live \(live.map(\.number))") }

    func step() throws {
      switch Int.random(in: 0..<100, using: &generator) {
      case 0..<35: try publish()
      case 35..<65: transmit(limit: Int.random(in: 0...120, using: &generator))
      case 65..<85: try acknowledge()
      case 85..<92: try subscribe()
      case 92..<95: try reconnect()
      default: transmit(limit: .max)
      }
    }

    private func publish() throws {
      number += 1
      let payload = Model.payload(number)
      let sourced = number % 5 == 0
      let flags: MessageFlags = sourced || number % 3 != 0 ? .acknowledged : .none
      let size = (!flags.contains(.acknowledged) ? overhead.atMostOnce : overhead.acknowledged) + 1 + payload.count
      do {
        let exactly = Bool.random(using: &generator)
        let identifier =
          try sourced
          ? bench.publish("t", pieces: payload.count)
          : bench.publish("t", payload, flags, room: exactly ? payload.count + 1 : .max)
        if live.contains(where: { $0.identifier == identifier && identifier != 0 }) { fail("identifier twice") }
        live.append(Stored(number: number, identifier: identifier, size: size, isSourced: sourced))
      } catch {
        refused(error, sourced: sourced, size: size)
      }
    }

    /// Looks whether there was a reason to refuse.
    private func refused(_ failure: Failure, sourced: Bool, size: Int) {
      let busy = live.contains(where: \.isSourced)
      if failure == .sourceBusy {
        if !sourced || !busy { fail("busy for nothing") }
      } else if failure == .outboxFull || failure == .tooLarge {
        let used = live.map(\.size).reduce(leaving, +)
        // How much room a source or a subscription takes is the outbox's own business.
        if !sourced, !busy, subscriptions.isEmpty, used + size <= capacity {
          fail("refused \(size) with \(used) of \(capacity) used")
        }
      } else {
        fail("refused with \(failure)")
      }
    }

    private func subscribe() throws {
      let count = Int.random(in: 1...3, using: &generator)
      if let identifier = try? bench.subscribe([String](repeating: "f", count: count)) {
        subscriptions[identifier] = count
      }
    }

    private func transmit(limit: Int) {
      let bytes = bench.transmit(limit: limit, step: Int.random(in: 1...90, using: &generator))
      partial += bytes
      let (packets, rest) = parse(partial)
      partial = rest
      for packet in packets { arrived(packet) }
      if bytes.count < limit { leaving = 0 }
      if owed.count > window { fail("\(owed.count) in flight in a window of \(window)") }
    }

    private func arrived(_ packet: Sent) {
      switch packet {
      case .subscribe(let identifier): owed.append(identifier)
      case .publish(let topic, let payload, let identifier, let duplicate, _):
        let number = Int(payload[0]) << 8 | Int(payload[1])
        if topic != "t" || payload != Model.payload(number) { fail("\(number) is damaged") }
        if number <= seenNow.last ?? 0 { fail("\(number) after \(seenNow.last ?? 0)") }
        seenNow.append(number)
        seen[number, default: 0] += 1
        guard let place = live.firstIndex(where: { $0.number == number }) else {
          return fail("\(number) is not stored")
        }
        if live[place].identifier != identifier { fail("\(number) changed its identifier") }
        if identifier == 0 {
          if seen[number] != 1 { fail("\(number) twice at quality of service 0") }
          leaving += live.remove(at: place).size
        } else {
          if duplicate && !(present && live[place].attempted) { fail("\(number) with DUP") }
          if !duplicate && present && live[place].attempted { fail("\(number) without DUP") }
          owed.append(identifier)
        }
      default: fail("\(packet) left")
      }
    }

    private func acknowledge() throws {
      guard let place = owed.indices.randomElement(using: &generator) else { return }
      let identifier = owed.remove(at: place)
      if let count = subscriptions.removeValue(forKey: identifier) {
        let codes = [UInt8](repeating: 0, count: count)
        let notes = try bench.receive(Server.subscribed(identifier, codes))
        if notes != [Note(kind: .subscribed, token: identifier, payload: codes)] { fail("told \(notes)") }
      } else {
        let notes = try bench.receive(Server.acknowledgement(identifier))
        if notes != [.acknowledged(identifier)] { fail("told \(notes)") }
        live.removeAll { $0.identifier == identifier }
      }
    }

    private func reconnect() throws {
      let begun = partial.first.map { $0 & 0xF0 == 0x30 } == true ? live.first { !seenNow.contains($0.number) } : nil
      present = Bool.random(using: &generator)
      for place in live.indices {
        // An earlier attempt stays one, whatever sessions were in between (3.3.1.1); only in a kept one does DUP say so.
        if seenNow.contains(live[place].number) || live[place].number == begun?.number {
          live[place].attempted = true
        }
      }
      if let begun, begun.identifier == 0 { live.removeAll { $0.number == begun.number } }
      partial = []
      leaving = 0
      seenNow = []
      owed = []
      subscriptions = [:]
      try bench.reconnect(present: present)
    }

    /// Lets everything leave and acknowledges it.
    func finish() throws {
      for _ in 0..<10_000 where !live.isEmpty || !owed.isEmpty || !subscriptions.isEmpty {
        transmit(limit: .max)
        try acknowledge()
      }
      if !live.isEmpty { fail("stuck") }
      if !bench.transmit().isEmpty { fail("something is left over") }
    }
  }

  @Test(
    "What leaves is what was stored: whole, in order, at least once or at most once", arguments: 0..<60 as Range<UInt64>
  )
  func workload(_ seed: UInt64) throws {
    let model = try Model(seed: seed)
    for _ in 0..<600 { try model.step() }
    try model.finish()
  }
}
