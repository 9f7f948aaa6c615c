import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// Messages that are dropped and expire at random: each at least once is told to have come to one end, and no more.
struct DroppingWorkloadTests {
  private struct Stored {
    var number: Int
    var token: Int
    var expires: UInt64
  }

  private final class Model {
    let bench: Bench
    var generator: Generator
    /// At quality of service 1, stored and neither acknowledged nor told to be dropped, in order.
    var live: [Stored] = []
    var number = 0
    var partial: [UInt8] = []
    /// Identifiers that the server has to acknowledge.
    var owed: [Int] = []
    var ends: [Event.Kind: Int] = [:]

    init(_ seed: UInt64, _ whenFull: WhenFull) throws {
      generator = Generator(state: seed)
      bench = Bench(
        outbox: Int.random(in: 128...600, using: &generator), window: Int.random(in: 1...4, using: &generator),
        whenFull: whenFull)
      try bench.connect()
    }

    func step() throws {
      switch Int.random(in: 0..<100, using: &generator) {
      case 0..<45: publish()
      case 45..<65: transmit(Int.random(in: 0...90, using: &generator))
      case 65..<80: try acknowledge()
      case 80..<84:
        partial = []
        owed = []
        try bench.reconnect(present: Bool.random(using: &generator))
        try check(bench.notes.suffix(from: seen))
      case 84..<95: bench.now += UInt64.random(in: 0...3_000, using: &generator)
      default: try check(bench.take()[...])
      }
    }

    private var seen = 0

    private func publish() {
      number += 1
      let payload = [UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 5, count: number * 31 % 90)
      let flags: MessageFlags = number % 3 == 0 ? .none : .acknowledged
      let expires = number % 2 == 0 ? 0 : bench.now + UInt64.random(in: 0...9_000, using: &generator)
      let isComposed = Bool.random(using: &generator)
      let token =
        try? isComposed
        ? bench.publishAgain(payload, flags, expires: expires) : bench.store(payload, flags, expires: expires)
      guard let token, token > 0 else { return }
      if live.contains(where: { $0.token == token }) { Issue.record("token \(token) twice") }
      live.append(Stored(number: number, token: token, expires: expires))
    }

    private func transmit(_ limit: Int) {
      let began = partial.isEmpty
      partial += bench.transmit(limit: limit)
      let (packets, rest) = parse(partial)
      partial = rest
      for (place, packet) in packets.enumerated() {
        guard let identifier = packet.identifier, let payload = packet.payload else { continue }
        guard let stored = live.first(where: { $0.token == identifier }) else {
          Issue.record("\(identifier) left and is not stored")
          continue
        }
        if Int(payload[0]) << 8 | Int(payload[1]) != stored.number { Issue.record("\(stored.number) is damaged") }
        if stored.expires != 0, bench.now >= stored.expires + 1_024, began || place > 0 {
          Issue.record("\(stored.number) left at \(bench.now), after \(stored.expires)")
        }
        owed.append(identifier)
      }
    }

    private func acknowledge() throws {
      guard let place = owed.indices.randomElement(using: &generator) else { return }
      try bench.receive(Server.acknowledgement(owed.remove(at: place)))
      try check(bench.notes.suffix(from: seen))
    }

    /// Looks at what was told.
    private func check(_ notes: ArraySlice<Note>) throws {
      seen = bench.notes.count
      var last = -1
      for note in notes where note.token != 0 {
        guard let place = live.firstIndex(where: { $0.token == note.token }) else {
          Issue.record("\(note) of what is not stored")
          continue
        }
        ends[note.kind, default: 0] += 1
        if note.kind == .expired {
          if live[place].expires == 0 || bench.now < live[place].expires { Issue.record("\(note) too early") }
        }
        if note.kind != .acknowledged {
          if live[place].number < last { Issue.record("\(note) out of order") }
          last = live[place].number
        }
        live.remove(at: place)
      }
    }

    func finish() throws {
      bench.now += 20_000
      for _ in 0..<2_000 where !live.isEmpty {
        transmit(.max)
        try acknowledge()
        try check(bench.take()[...])
      }
      if !live.isEmpty { Issue.record("stuck: \(live)") }
    }
  }

  @Test("Each comes to one end", arguments: 0..<10 as Range<UInt64>, [WhenFull.refuses, .dropsOldest, .dropsNewest])
  func workload(_ seed: UInt64, _ whenFull: WhenFull) throws {
    let model = try Model(seed, whenFull)
    for _ in 0..<1_000 { try model.step() }
    try model.finish()
    #expect(model.ends[.acknowledged] ?? 0 > 20 && model.ends[.expired] ?? 0 > 0)
    #expect((model.ends[.dropped] ?? 0 > 0) == (whenFull != .refuses))
  }
}
