import CMote
import MoteBytes
import MoteJournal
import MoteMQTT
import MoteTestSupport
import Testing

/// What a journal brings back, and what it refuses.
struct JournalTests {
  private func tokens(_ device: Device) throws -> [Int] { try device.contents().map(\.token) }

  @Test("A fresh flash has nothing, and stays as it is until something is written")
  func fresh() throws {
    let flash = Flash()
    let device = try Device(flash)
    #expect(device.restored == 0 && flash.writes == 0)
    try device.publish([1], .none)
    #expect(flash.writes == 0)
    #expect(try device.publish([2]) == 1)
    #expect(flash.writes > 0)
  }

  @Test("The log's bytes")
  func literal() throws {
    let flash = Flash(pageSize: 640, unit: 8)
    let device = try Device(flash)
    try device.publish([0xAA], expires: 10_000)
    try device.connect()
    _ = device.transmit()
    try device.acknowledge(1)
    var expected = hex("BEEFBEEF 14 870200 01000000 FFFFFFFF")
    expected += expected
    expected += hex("BEEFBEEF 0100 0800 0A000000 32060001740001AA FFFFFFFF")
    expected += hex("BEEFBEEF 0100 0000 00000000 FFFFFFFF")
    // The checksums, by an implementation that shares nothing with the one under test.
    func seal(_ place: Int, _ count: Int) {
      let sum = checksum(Array(expected[place + 4..<place + count]))
      for index in 0..<4 { expected[place + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    }
    seal(0, 12)
    seal(16, 12)
    seal(32, 20)
    seal(56, 12)
    #expect(Array(flash.bytes[..<72]) == expected)
    #expect(flash.bytes[72...].allSatisfy { $0 == 0xFF })
    #expect(checksum(Array("123456789".utf8)) == 0xCBF4_3926)
  }

  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var table = [UInt32](repeating: 0, count: 256)
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value % 2 == 1 ? 0xEDB8_8320 ^ (value / 2) : value / 2 }
      table[index] = value
    }
    return ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) % 256)] ^ ($0 / 256) }
  }

  @Test(
    "Messages come back in order, with their tokens, as ones that have left before", arguments: [1, 2, 4, 8, 16, 32])
  func restored(_ unit: Int) throws {
    let flash = Flash(pageSize: 1_280, unit: unit)
    var device = try Device(flash)
    for number in 1...5 { try device.publish([UInt8](repeating: UInt8(number), count: number * 7)) }
    try device.connect()
    _ = device.transmit()
    try device.acknowledge(2)
    device = try Device(flash)
    #expect(device.restored == 4)
    #expect(try device.publish([6]) == 6)
    try device.connect()
    let sent = device.messages()
    #expect(sent.map(\.token) == [1, 3, 4, 5])
    #expect(sent.map(\.payload.count) == [7, 21, 28, 35])
    #expect(sent.map(\.first) == [0x3A, 0x3A, 0x3A, 0x3A])
    for token in [1, 3, 4, 5] { try device.acknowledge(token) }
    #expect(device.messages().map(\.first) == [0x32])
    try device.acknowledge(6)
    #expect(try Device(flash).restored == 0)
  }

  @Test("A start with nothing to write writes nothing", arguments: [0, 1, 30, 31, 32, 33, 200])
  func idle(_ count: Int) throws {
    let flash = Flash()
    var device = try Device(flash)
    for number in 0..<count {
      try device.publish([UInt8(number & 255)])
      try device.session.drop(number + 1)
    }
    _ = try? device.publish([1])
    let writes = flash.writes
    for _ in 0..<5 {
      device = try Device(flash)
      #expect(device.restored == 1)
    }
    #expect(flash.writes == writes)
  }

  @Test("Drops and expiries are written; messages in pieces are not kept")
  func ends() throws {
    let flash = Flash()
    var device = try Device(flash, whenFull: .dropsOldest)
    for number in 1...20 { try device.publish([UInt8](repeating: UInt8(number), count: 40)) }
    var told = try device.events()
    #expect(told.count > 5 && told.allSatisfy { $0.0 == .dropped })
    try device.publish([99], expires: 2_000)
    told += try device.events()
    device.now = 9_000
    #expect(try device.events().map(\.1) == [21])
    let left = 20 - told.count
    var writer = device.session.compose()
    writer.append(UInt8(ascii: "t"))
    #expect(throws: Never.self) { _ = try device.session.publish(writer, pieces: 50, .none) }
    device = try Device(flash)
    #expect(try tokens(device) == Array((21 - left)...20))
  }

  @Test("An expiry has as long left as when the message was stored, on the new clock")
  func expiry() throws {
    let flash = Flash()
    var device = try Device(flash, now: 1_000_000)
    try device.publish([1], expires: 1_060_000)
    try device.publish([2])
    device = try Device(flash, now: 512)
    device.now = 58_000
    #expect(try device.events().isEmpty)
    device.now = 63_000
    let told = try device.events()
    #expect(told.map(\.0) == [.expired] && told.map(\.1) == [1])
    // What has no expiry has none then either: not what was left of the clock's range when it was stored.
    device.now = (1 << 42) - 500 * 1_024
    #expect(try device.events().isEmpty)
    #expect(try tokens(Device(flash)) == [2])
  }

  @Test("Composed messages are kept like others")
  func composed() throws {
    let flash = Flash()
    let device = try Device(flash)
    var writer = device.session.compose()
    writer.append(UInt8(ascii: "t"))
    let payload: [UInt8] = [7, 7]
    #expect(try device.session.publish(writer, payload: payload.span, .acknowledged) == 1)
    #expect(try Device(flash).contents().map(\.payload) == [[7, 7]])
  }

  @Test("When writing fails the message is refused, and the next is kept")
  func failure() throws {
    let flash = Flash()
    let device = try Device(flash)
    try device.publish([1])
    flash.failsToWrite = true
    #expect(throws: Failure(MOTE_ERROR_STORAGE)) { try device.publish([2]) }
    try device.connect()
    #expect(device.messages().map(\.token) == [1])
    try device.acknowledge(1)
    #expect(device.unwritten == 1)
    flash.failsToWrite = false
    let token = try device.publish([3])
    #expect(token == 3)
    // What could not be written off is not in the page that was taken since.
    #expect(try tokens(Device(flash)) == [3])
  }

  @Test("When reading fails nothing is taken for lost")
  func unreadable() throws {
    let flash = Flash()
    var device = try Device(flash, whenFull: .dropsOldest)
    for number in 1...30 {
      try device.publish([UInt8](repeating: UInt8(number), count: 40))
      _ = try device.events()
    }
    let left = try Device(flash).restored
    #expect(left > 3)
    var reads = 0
    var isRestored = false
    while !isRestored {
      flash.readsLeft = reads
      do throws(Failure) {
        device = try Device(flash)
        isRestored = true
        #expect(device.restored == left)
      } catch {
        #expect(error == Failure(MOTE_ERROR_STORAGE))
      }
      reads += 1
    }
    #expect(reads > 20)
    // Nor is anything read while pages are taken.
    flash.readsLeft = .max
    flash.failsToRead = true
    let erased = flash.erased.reduce(0, +)
    for _ in 0..<60 { try device.session.drop(device.publish([99])) }
    #expect(flash.erased.reduce(0, +) > erased)
    flash.failsToRead = false
    #expect(try Device(flash).restored >= left)
  }

  @Test("A packet of more than 65,535 bytes is refused for ever, and no other that the outbox has room for")
  func tooLarge() throws {
    let flash = Flash(pageSize: 131_072, pageCount: 2)
    var device = try Device(flash, outbox: 80_000)
    // Seven bytes and a length of three stand before the payload.
    #expect(throws: Failure.tooLarge) { try device.publish([UInt8](repeating: 1, count: 65_536 - 9)) }
    #expect(try device.publish([UInt8](repeating: 1, count: 65_535 - 9)) == 2)
    device = try Device(flash, outbox: 80_000)
    #expect(device.restored == 1)
    try device.session.drop(2)
    #expect(try Device(flash, outbox: 80_000).restored == 0)
  }

  @Test(
    "An outbox as full as can be fits the smallest page, and a record that a message is done", arguments: [1, 8, 32])
  func full(_ unit: Int) throws {
    // The least page that is not refused.
    var flash = Flash(pageSize: 128, pageCount: 2, unit: unit)
    while (try? Device(flash)) == nil { flash = Flash(pageSize: flash.pageSize + 32, pageCount: 2, unit: unit) }
    var device = try Device(flash)
    var stored: [Int] = []
    for _ in 0..<200 {
      while let token = try? device.publish([]) { stored.append(token) }
      #expect(stored.count > 15)
      device = try Device(flash)
      #expect(device.restored == stored.count)
      try device.session.drop(stored.removeFirst())
      #expect(device.unwritten == 0)
    }
    #expect(try Device(flash, window: 64).contents().map(\.token) == stored)
  }

  @Test("Pages that are too few or too small for the outbox are refused")
  func pages() throws {
    #expect(throws: Failure.tooSmall) { try Device(Flash(pageCount: 1)) }
    #expect(throws: Failure(MOTE_ERROR_ARGUMENT)) { try Device(Flash(pageSize: 32)) }
    #expect(throws: Failure(MOTE_ERROR_ARGUMENT)) { try Device(Flash(pageSize: 0)) }
    #expect(throws: Failure.tooSmall) { try Device(Flash(pageCount: 16)) }
    #expect(throws: Failure.tooSmall) { try Device(Flash(pageSize: 656)) }
    #expect(throws: Failure.tooSmall) { try Device(Flash(unit: 3)) }
    #expect(throws: Failure.tooSmall) { try Device(Flash(unit: 64)) }
    #expect(throws: Failure(MOTE_ERROR_ARGUMENT)) { try Device(Flash(pageSize: 256, pageCount: 4), outbox: 400) }
    #expect(throws: Failure(MOTE_ERROR_ARGUMENT)) { try Device(Flash(pageSize: 640, unit: 32), outbox: 400) }
  }

  @Test("Not into an outbox that holds something, nor within a connection, nor twice")
  func state() throws {
    let flash = Flash()
    let device = try Device(flash)
    #expect(throws: Failure.state) { try device.restoreAgain() }
  }

  @Test("Another version, other pages and other contents are refused, and nothing is changed")
  func foreign() throws {
    let flash = Flash()
    try Device(flash).publish([1])
    let before = flash.bytes
    func expect(_ status: Int32, _ flash: Flash) {
      let bytes = flash.bytes
      #expect(throws: Failure(status)) { try Device(flash) }
      #expect(flash.bytes == bytes)
    }
    // Version 2, another unit, or another page count, with its checksum.
    for (place, byte) in [(20, 0x24), (21, 0x83), (20, 0x15)] as [(Int, UInt8)] {
      flash.bytes[place] = byte
      let sum = checksum(Array(flash.bytes[20..<28]))
      for index in 0..<4 { flash.bytes[16 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
      expect(MOTE_ERROR_JOURNAL, flash)
      flash.bytes = before
    }
    let other = Flash(pageSize: 1_024, pageCount: 4)
    other.bytes.replaceSubrange(..<before.count, with: before)
    expect(MOTE_ERROR_JOURNAL, other)
    let full = Flash()
    full.bytes = full.bytes.indices.map { UInt8(truncatingIfNeeded: $0 &* 31) }
    expect(MOTE_ERROR_JOURNAL, full)
    // After a page of its own, one with another page count: who erases the storage begins anew.
    flash.bytes[660] = 0x15
    flash.bytes.replaceSubrange(661..<668, with: before[21..<28])
    let sum = checksum(Array(flash.bytes[660..<668]))
    for index in 0..<4 { flash.bytes[656 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    expect(MOTE_ERROR_JOURNAL, flash)
    try Device(flash, erasesForeign: true).publish([2])
    #expect(try Device(flash).contents().map(\.payload) == [[2]])
    flash.bytes = before
    #expect(try Device(flash).restored == 1)
    #expect(throws: Failure.outboxFull) {
      let large = Flash()
      let device = try Device(large)
      for _ in 0..<3 { try device.publish([UInt8](repeating: 1, count: 90)) }
      _ = try Device(large, outbox: 200)
    }
    flash.failsToRead = true
    expect(MOTE_ERROR_STORAGE, flash)
  }

  @Test(
    "Somebody else's bytes, few or many, at the start or not, are no journal, and stay",
    arguments: [1, 16, 17, 100, 640, 641])
  func foreign(_ count: Int) throws {
    for start in [0, 300, 640] {
      let flash = Flash()
      let text = (0..<count).map { UInt8(0x20 + $0 % 90) }
      flash.bytes.replaceSubrange(start..<start + count, with: text)
      let before = flash.bytes
      if (try? Device(flash)) != nil {
        // What stands where nothing is ever looked at, in a page that was not taken.
        #expect(start % 640 != 0 || count <= 16)
      }
      #expect(flash.bytes == before)
    }
    let flash = Flash()
    flash.bytes.replaceSubrange(0..<count, with: (0..<count).map { UInt8(0x20 + $0 % 90) })
    if count > 16 { #expect(throws: Failure(MOTE_ERROR_JOURNAL)) { _ = try Device(flash) } }
  }

  @Test("A record that would be longer than its page is torn, though what is inside has its checksum")
  func beyond() throws {
    let flash = Flash()
    try Device(flash).publish([1])
    // In the last page, whose header says that it was taken last.
    let page = 3 * 640
    flash.bytes.replaceSubrange(page..<page + 640, with: flash.bytes[..<640])
    flash.bytes[page + 24] = 2
    seal(flash, page + 16, 12)
    // Its first record with 1 byte more than the page has.
    flash.bytes.replaceSubrange(page + 38..<page + 40, with: [0x55, 0x02])
    seal(flash, page + 32, 608)
    let device = try Device(flash)
    #expect(device.restored == 0)
    try device.publish([2])
    #expect(try Device(flash).contents().map(\.payload) == [[2]])
  }

  /// Gives `count` bytes their checksum, in front of them.
  private func seal(_ flash: Flash, _ place: Int, _ count: Int) {
    let sum = checksum(Array(flash.bytes[place + 4..<place + count]))
    for index in 0..<4 { flash.bytes[place + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
  }

  @Test("Another device's journal is none, and stays")
  func another() throws {
    let flash = Flash()
    try Device(flash, name: "d").publish([1])
    let before = flash.bytes
    #expect(throws: Failure(MOTE_ERROR_JOURNAL)) { _ = try Device(flash, name: "e") }
    #expect(flash.bytes == before)
    #expect(try Device(flash, name: "d").restored == 1)
  }

  @Test("A journal serves one session")
  func shared() throws {
    let device = try Device(Flash())
    #expect(throws: Failure.state) { try device.share() }
  }
}
