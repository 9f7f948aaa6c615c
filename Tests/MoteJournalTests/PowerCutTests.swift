import CMote
import MoteBytes
import MoteJournal
import MoteMQTT
import MoteTestSupport
import Testing

/// What a device's application knows of its messages, from one loss of power to the next.
private struct Knowledge {
  /// Messages whose token was returned and that are neither acknowledged nor told to be dropped: number and token.
  var owed: [(number: Int, token: Int)] = []
  /// The number of the message that was being stored, or the token of the one that was being written off, when power went.
  var storing: Int?
  var ending: [Int] = []
  var number = 0

  static func payload(_ number: Int) -> [UInt8] {
    [UInt8(number >> 8 & 255), UInt8(number & 255)] + [UInt8](repeating: UInt8(number & 255), count: number * 37 % 70)
  }

  static func number(_ payload: [UInt8]) -> Int { Int(payload[0]) << 8 | Int(payload[1]) }

  /// Looks at what was restored, and takes it for what there is.
  mutating func check(_ contents: [(token: Int, payload: [UInt8])], _ what: @autoclosure () -> String) {
    let numbers = contents.map { Knowledge.number($0.payload) }
    func fail(_ text: String) { Issue.record("\(text) \(what()): \(numbers), owed \(owed)") }
    if numbers != numbers.sorted() || Set(numbers).count != numbers.count { fail("out of order or twice") }
    for (number, content) in zip(numbers, contents) {
      if content.payload != Knowledge.payload(number) { fail("\(number) is damaged") }
      if let owed = owed.first(where: { $0.number == number }) {
        if owed.token != content.token { fail("\(number) changed its token") }
      } else if number != storing {
        fail("\(number) was done")
      }
    }
    for owed in owed where !numbers.contains(owed.number) && !ending.contains(owed.token) { fail("\(owed) is lost") }
    owed = zip(numbers, contents).map { ($0, $1.token) }
    storing = nil
    ending = []
  }
}

/// Power that is cut at any byte, and runs at random.
struct PowerCutTests {
  /// Stores, acknowledges and drops, until the flash has no power any more. The same each time.
  private func run(_ flash: Flash, _ knowledge: inout Knowledge, _ seed: UInt64, steps: Int, _ whenFull: WhenFull)
    throws
  {
    var generator = Generator(state: seed)
    let device = try Device(flash, whenFull: whenFull, window: 6)
    try device.connect()
    _ = device.transmit()
    for _ in 0..<steps {
      let choice = Int.random(in: 0..<10, using: &generator)
      if choice < 6 {
        knowledge.number += 1
        knowledge.storing = knowledge.number
        if let token = try? device.publish(Knowledge.payload(knowledge.number)) {
          knowledge.owed.append((knowledge.number, token))
          knowledge.storing = nil
        } else if flash.budget > 0 {
          knowledge.storing = nil
        }
      } else if choice < 9 {
        let sent = knowledge.owed.prefix(4)
        if let some = sent.randomElement(using: &generator) {
          knowledge.ending = [some.token]
          try device.acknowledge(some.token)
          if flash.budget > 0 {
            knowledge.owed.removeAll { $0.token == some.token }
            knowledge.ending = []
          }
        }
      } else {
        _ = device.transmit()
      }
      let told = try device.events().map(\.1)
      if flash.budget == 0 {
        knowledge.ending += told
        return
      }
      knowledge.owed.removeAll { told.contains($0.token) }
      _ = device.transmit()
    }
  }

  @Test("At every byte of a run, and twice more on the way back", arguments: [1, 8], [false, true])
  func everyByte(_ unit: Int, _ erasesBackwards: Bool) throws {
    let whole = Flash(pageSize: 640, pageCount: 4, unit: unit)
    var knowledge = Knowledge()
    try run(whole, &knowledge, 1, steps: 60, .refuses)
    #expect(whole.used > 3_000)
    for cut in 0..<whole.used {
      let flash = Flash(pageSize: 640, pageCount: 4, unit: unit)
      flash.erasesBackwards = erasesBackwards
      var knowledge = Knowledge()
      flash.budget = cut
      try? run(flash, &knowledge, 1, steps: 60, .refuses)
      flash.budget = .max
      knowledge.check(try Device(flash, window: 64).contents(), "after \(cut) bytes")
      for again in 1...2 {
        flash.budget = cut * 7 * again % 900
        try? run(flash, &knowledge, UInt64(cut + again), steps: 20, .refuses)
        flash.budget = .max
        knowledge.check(try Device(flash, window: 64).contents(), "after \(cut) bytes, then \(again)")
      }
    }
  }

  @Test("Losses of power at random", arguments: 0..<40 as Range<UInt64>, [WhenFull.refuses, .dropsOldest])
  func random(_ seed: UInt64, _ whenFull: WhenFull) throws {
    var generator = Generator(state: seed &* 77)
    let unit = 1 << Int.random(in: 0...3, using: &generator)
    let flash = Flash(pageSize: 640, pageCount: Int.random(in: 2...7, using: &generator), unit: unit)
    flash.erasesBackwards = Bool.random(using: &generator)
    var knowledge = Knowledge()
    for round in 0..<40 {
      flash.budget = Int.random(in: 1...6_000, using: &generator)
      try? run(flash, &knowledge, seed &* 1_000 &+ UInt64(round), steps: 60, whenFull)
      flash.budget = .max
      knowledge.check(try Device(flash, window: 64).contents(), "in round \(round)")
    }
  }

  @Test("Wear is spread", arguments: [2, 3, 4, 9])
  func wear(_ pageCount: Int) throws {
    let flash = Flash(pageSize: 512, pageCount: pageCount)
    var device = try Device(flash, outbox: 256)
    let stuck = try device.publish([1])
    for round in 1...4_000 {
      let token = try device.publish([UInt8](repeating: 1, count: round % 50))
      try device.session.drop(token)
      if round % 500 == 0 { device = try Device(flash, outbox: 256) }
    }
    #expect((flash.erased.max() ?? 0) - (flash.erased.min() ?? 0) <= 1)
    #expect(flash.erased[0] > 20)
    #expect(try Device(flash, outbox: 256).contents().map(\.token) == [stuck])
  }

  @Test("Identifiers begin again, and the order stays")
  func wrapping() throws {
    let flash = Flash()
    var device = try Device(flash)
    var token = 0
    while token < 65_534 {
      token = try device.publish([1])
      try device.session.drop(token)
    }
    for number in 1...4 { token = try device.publish([UInt8(number)]) }
    #expect(token == 3)
    for _ in 0..<3 {
      device = try Device(flash)
      #expect(device.restored == 4)
      for _ in 0..<40 {
        token = try device.publish([9])
        try device.session.drop(token)
      }
    }
    let contents = try device.contents()
    #expect(contents.map(\.token) == [65_535, 1, 2, 3])
    #expect(contents.map(\.payload) == [[1], [2], [3], [4]])
  }

  @Test("Whatever the bytes are, nothing is read that was not written", arguments: 0..<60 as Range<UInt64>)
  func corrupted(_ seed: UInt64) throws {
    var generator = Generator(state: seed)
    let flash = Flash(pageSize: 640, pageCount: 4)
    var knowledge = Knowledge()
    try run(flash, &knowledge, seed, steps: 80, .refuses)
    let good = flash.bytes
    for _ in 0..<40 {
      flash.bytes = good
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        let place = Int.random(in: 0..<good.count, using: &generator)
        flash.bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let device = try? Device(flash) else { continue }
      for (_, payload) in try device.contents() {
        #expect(payload == Knowledge.payload(Knowledge.number(payload)))
      }
    }
  }
}
