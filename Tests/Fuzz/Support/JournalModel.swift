import CMote
import MoteMQTT

/// A device with a journal, and what must come back from it.
final class JournalModel {
  struct Owed: Equatable {
    var token: Int
    var packet: [UInt8]
  }

  let pages: Pages
  private let capacity: Int
  private let whenFull: WhenFull
  private(set) var device: Device
  private var now: UInt64 = 0
  /// All that is in the pages was written by the journal.
  private var isOwn: Bool { didSet { pages.demandsErased = isOwn } }
  /// What was stored and is not done, in order.
  private var owed: [Owed] = []
  /// What was done when the power went, and payloads that were being stored: they come back or they do not.
  private var ending: [Owed] = []
  private var storing: [[UInt8]] = []
  private var count = 0

  /// Starts the device; nil when a journal cannot have such pages.
  init?(_ pages: Pages, capacity: Int, whenFull: WhenFull, isErased: Bool) {
    self.pages = pages
    self.capacity = capacity
    self.whenFull = whenFull
    isOwn = isErased
    pages.demandsErased = isErased
    let before = pages.bytes
    guard let device = Device(pages, outbox: capacity, whenFull: whenFull, now: 0) else { return nil }
    self.device = device
    check(before)
  }

  /// Cuts the power, if it is not cut, and starts the device again.
  func restart() {
    pages.budget = .max
    now = 0
    let before = pages.bytes
    guard let device = Device(pages, outbox: capacity, whenFull: whenFull, now: now) else { fatalError("no journal") }
    self.device = device
    check(before)
  }

  /// Whether what was restored is what is there.
  private func check(_ before: [UInt8]) {
    let reader = PagesReader(pages.geometry, before)
    let (status, kept) = reader.messages(capacity: capacity)
    demand(device.status == status, "restored \(device.status), not \(status)")
    demand(pages.bytes == before, "changed what it only had to read")
    if isOwn && status != MOTE_ERROR_ARGUMENT { compare(status, kept) }
    if status < 0 {
      // The session works without.
      owed = []
      isOwn = false
      return
    }
    ending = []
    storing = []
    owed = kept.map { Owed(token: $0.token, packet: $0.message) }

    // As it leaves from a copy, since what leaves cannot expire any more.
    let copy = Pages(pages.geometry, before)
    copy.demandsErased = isOwn
    guard let device = Device(copy, outbox: capacity, whenFull: whenFull, now: now) else { fatalError("no journal") }
    // Of what no journal writes, only that nothing ends badly.
    let isUsual = kept.allSatisfy { $0.isMessage } && Set(kept.map(\.token)).count == kept.count
    demand(!isOwn || isUsual, "writes what is no message, or one twice")
    let leaving = kept.filter { $0.life > 0 }
    let expired = device.done(now: now)
    demand(!isUsual || expired == kept.filter { $0.life == 0 }.map(\.token), "what has no time left does not expire")
    device.connect(now: now)
    let expected = leaving.flatMap { [$0.packet[0] | 8] + $0.packet.dropFirst() }
    let left = device.transmit(now: now)
    demand(!isUsual || left == expected, "leaves otherwise than it was kept")
    for message in leaving where message.token != 0 {
      let acknowledged = device.acknowledge(message.token, now: now)
      demand(!isUsual || acknowledged == [message.token], "\(message.token) is not acknowledged")
    }
    if !isOwn { return }
    demand(device.unwritten == 0, "has no room for what is done")
    demand(PagesReader(copy.geometry, copy.bytes).messages(capacity: capacity).kept.isEmpty, "what is done came back")
  }

  private func compare(_ status: Int32, _ kept: [PagesReader.Kept]) {
    demand(status >= 0, "refuses what it has written: \(status)")
    var rest = kept[...]
    for message in owed {
      while let first = rest.first, first.token != message.token { demandUncertain(first, &rest) }
      demand(rest.popFirst()?.message == message.packet, "\(message.token) is lost or damaged")
    }
    while let first = rest.first { demandUncertain(first, &rest) }
  }

  private func demandUncertain(_ kept: PagesReader.Kept, _ rest: inout ArraySlice<PagesReader.Kept>) {
    let isExpected =
      ending.contains(Owed(token: kept.token, packet: kept.message))
      || storing.contains { Server.message("t", $0, identifier: kept.token) == kept.message }
    demand(isExpected, "\(kept.token) was done, or never stored")
    rest.removeFirst()
  }

  func store(_ length: Int, seconds: Int) {
    count += 1
    let payload = (0..<length).map { UInt8(truncatingIfNeeded: count &* 31 &+ $0) }
    let token = Int(device.store(payload, seconds: seconds, now: now))
    if token > 0 {
      demand(!isOwn || !owed.contains { $0.token == token }, "a token that is another's")
      owed.append(Owed(token: token, packet: Server.message("t", payload, identifier: token)))
    } else if pages.hasPower {
      let isKnown = [MOTE_ERROR_OUTBOX_FULL, MOTE_ERROR_TOO_LARGE].contains(Int32(token))
      demand(isKnown || !isOwn && token < 0, "refused with \(token)")
    } else {
      storing.append(payload)
    }
    finish(device.done(now: now))
  }

  func leave() {
    finish(device.done(now: now))
    device.connect(now: now)
    _ = device.transmit(now: now)
    finish(device.done(now: now))
  }

  func acknowledge(_ which: Int) {
    guard device.isConnected, !owed.isEmpty else { return }
    // Only what has left can be.
    _ = device.transmit(now: now)
    finish(device.done(now: now))
    if owed.isEmpty { return }
    let token = owed[which % owed.count].token
    if token != 0 { finish(device.acknowledge(token, now: now)) }
  }

  func drop(_ which: Int) {
    if owed.isEmpty || device.isConnected { return }
    let token = owed[which % owed.count].token
    if device.drop(token) { finish([token]) }
    finish(device.done(now: now))
  }

  /// Lets time pass. A connection would have to do something meanwhile.
  func wait(_ seconds: Int) {
    device.lose()
    now += 1_000 * UInt64(seconds)
    finish(device.done(now: now))
  }

  /// Changes a byte while the device is off.
  func damage(_ place: Int, _ byte: UInt8) {
    pages.damage(place % pages.bytes.count, byte)
    isOwn = false
    restart()
  }

  /// Takes what is done from what is owed.
  private func finish(_ tokens: [Int]) {
    for token in tokens {
      guard let place = owed.firstIndex(where: { $0.token == token }) else { fatalError("told of \(token), twice") }
      let message = owed.remove(at: place)
      if !pages.hasPower { ending.append(message) }
    }
    demand(!isOwn || !pages.hasPower || device.unwritten == 0, "has no room for what is done")
  }
}
