import CMote

/// What a journal's pages hold, by the format's description alone: a reader that shares nothing with the one under test.
struct PagesReader {
  struct Kept: Equatable {
    var token: Int
    var packet: [UInt8]
    var life: Int

    /// The packet as it was stored: it is kept with DUP when it has left before.
    var message: [UInt8] { [packet[0] & ~8] + packet.dropFirst() }
    /// Whether a journal can have written it.
    var isMessage: Bool { token != 0 && packet[0] >> 4 == 3 }
  }

  private enum Header: Equatable { case erased, strange, foreign, page(Int) }

  let geometry: Pages.Geometry
  private let bytes: [UInt8]

  init(_ geometry: Pages.Geometry, _ bytes: [UInt8]) {
    self.geometry = geometry
    self.bytes = bytes
  }

  /// The messages that an outbox of `capacity` gets; a status when there is a reason to refuse.
  func messages(capacity: Int) -> (status: Int32, kept: [Kept]) {
    if capacity * (15 + geometry.unit) / 16 + geometry.start > geometry.pageSize { return (MOTE_ERROR_ARGUMENT, []) }
    let headers = (0..<geometry.pageCount).map(header)
    if headers.contains(.foreign) { return (MOTE_ERROR_JOURNAL, []) }
    let numbers = headers.map { if case .page(let number) = $0 { number } else { 0 } }
    guard let latest = numbers.max(), latest > 0, let current = numbers.firstIndex(of: latest) else {
      // Only the first page can have begun, which its first header says.
      let isBegun = headers.dropFirst().allSatisfy { $0 != .strange } && (headers[0] != .strange || isRight(0, 12))
      return (isBegun ? MOTE_OK : MOTE_ERROR_JOURNAL, [])
    }
    var kept: [Kept] = []
    var count: Int32 = 0
    for record in records(current) {
      count += record.packet.isEmpty ? -1 : 1
      if !record.packet.isEmpty {
        kept.append(record)
      } else if let place = kept.firstIndex(where: { $0.token == record.token }) {
        kept.remove(at: place)
      }
      if kept.reduce(4, { $0 + 12 + $1.packet.count }) > capacity { return (MOTE_ERROR_OUTBOX_FULL, []) }
    }
    // Somebody may have written that more is done than was stored.
    return (max(count, 0), kept)
  }

  private func header(_ page: Int) -> Header {
    let start = page * geometry.pageSize + geometry.header
    if bytes[start..<start + 12].allSatisfy({ $0 == 0xFF }) { return .erased }
    if !isRight(start, start + 12) { return .strange }
    let isLike =
      number(start + 4, 1) == 0x10 + geometry.pageCount
      && number(start + 5, 3) == geometry.pageSize + geometry.unit - 1
    return isLike ? .page(number(start + 8, 4)) : .foreign
  }

  /// What a page says, up to what is erased or torn.
  private func records(_ page: Int) -> [Kept] {
    var records: [Kept] = []
    let end = (page + 1) * geometry.pageSize
    var place = page * geometry.pageSize + geometry.start
    while place + 12 <= end, case let last = place + 12 + number(place + 6, 2), last <= end, isRight(place, last) {
      records.append(
        Kept(token: number(place + 4, 2), packet: Array(bytes[place + 12..<last]), life: number(place + 8, 4)))
      place += geometry.rounded(last - place)
    }
    return records
  }

  /// The bytes, with the right checksum wherever zero stands for it: else hardly any input would have one.
  func sealed() -> [UInt8] {
    var sealed = bytes
    func seal(_ place: Int, _ end: Int) {
      if number(place, 4) != 0 { return }
      let sum = checksum(sealed[place + 4..<end])
      for index in 0..<4 { sealed[place + index] = UInt8(sum >> (8 * index) & 0xFF) }
    }
    for page in 0..<geometry.pageCount {
      let (start, end) = (page * geometry.pageSize, (page + 1) * geometry.pageSize)
      if geometry.start > geometry.pageSize { continue }
      seal(start, start + 12)
      seal(start + geometry.header, start + geometry.header + 12)
      var place = start + geometry.start
      while place + 12 <= end {
        let last = min(place + 12 + number(place + 6, 2), end)
        seal(place, last)
        place += geometry.rounded(last - place)
      }
    }
    return sealed
  }

  /// Whether the checksum at `place` is that of what follows it.
  private func isRight(_ place: Int, _ end: Int) -> Bool { number(place, 4) == checksum(bytes[place + 4..<end]) }

  /// A number of so many bytes, least first.
  private func number(_ place: Int, _ count: Int) -> Int {
    bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// The checksum of bytes, which begins with whose they are.
  private func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(
      ~(geometry.name + bytes).reduce(UInt32.max) {
        PagesReader.table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8
      })
  }

  /// CRC-32, byte by byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(byte as UInt32) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }
}
