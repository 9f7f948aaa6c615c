import CMote

/// What a journal's pages hold, by the format's description alone: a reader that shares nothing with the one under test.
struct PagesReader {
  struct Kept: Equatable {
    var token: Int
    var packet: [UInt8]
    var life: Int
  }

  private enum Header: Equatable { case erased, strange, foreign, page(UInt32) }

  private struct Record {
    var kind: UInt8
    var kept: Kept
  }

  let geometry: Pages.Geometry
  private let bytes: [UInt8]

  init(_ geometry: Pages.Geometry, _ bytes: [UInt8]) {
    self.geometry = geometry
    self.bytes = bytes
  }

  /// The messages that an outbox of `capacity` gets; a status when there is a reason to refuse.
  func messages(capacity: Int) -> (status: Int32, kept: [Kept]) {
    let count = geometry.pageCount
    if (count - 1) * (geometry.pageSize - geometry.start - geometry.rounded(12)) < capacity * (16 + geometry.unit) / 8 {
      return (MOTE_ERROR_ARGUMENT, [])
    }
    let headers = (0..<count).map(header)
    if headers.contains(.foreign) { return (MOTE_ERROR_JOURNAL, []) }
    let sequences: [UInt32] = headers.map { if case .page(let sequence) = $0 { sequence } else { 0 } }
    guard let latest = sequences.max(), latest > 0, var current = sequences.firstIndex(of: latest) else {
      return (headers.count { $0 == .strange } > 1 ? MOTE_ERROR_JOURNAL : MOTE_OK, [])
    }
    if !records(current).contains(where: { $0.kind == 3 }) { current = (current + count - 1) % count }
    var kept: [Kept] = []
    for distance in 2...count {
      let page = (current + distance) % count
      guard case .page = headers[page] else { continue }
      for record in records(page) where record.kind != 3 {
        let token = record.kept.token
        let place = kept.firstIndex { $0.token == token }
        if let place {
          if record.kind == 1 && kept[place].packet == record.kept.packet { continue }
          kept.remove(at: place)
        }
        if record.kind == 2 { continue }
        // Which came first, in numbers that begin again after 65,535.
        let next = kept.firstIndex { (token - $0.token) & 0xFFFF >= 0x8000 }
        kept.insert(record.kept, at: next ?? kept.count)
        if kept.reduce(4, { $0 + 12 + $1.packet.count }) > capacity { return (MOTE_ERROR_OUTBOX_FULL, []) }
      }
    }
    return (Int32(kept.count), kept)
  }

  private func header(_ page: Int) -> Header {
    let start = page * geometry.pageSize
    let header = bytes[start..<start + 16]
    if header.allSatisfy({ $0 == 0xFF }) { return .erased }
    if number(start, 4) != checksum(header.dropFirst(4)) || number(start + 4, 2) != 0x4A4D { return .strange }
    let isLike = number(start + 6, 2) == 1 && number(start + 8, 4) == geometry.pageSize << 14 + geometry.pageCount
    return isLike ? .page(UInt32(number(start + 12, 4))) : .foreign
  }

  private func records(_ page: Int) -> [Record] {
    var records: [Record] = []
    let end = (page + 1) * geometry.pageSize
    var place = page * geometry.pageSize + geometry.start
    while let length = length(place, end) {
      let packet = Array(bytes[place + 12..<place + 12 + length])
      let kind = bytes[place + 11]
      let isMessage = packet.first == 0x32 || packet.first == 0x33
      if number(place, 4) != checksum(bytes[place + 4..<place + 12 + length]) || isMessage != (kind == 1) { break }
      records.append(
        Record(
          kind: kind, kept: Kept(token: number(place + 4, 2), packet: packet, life: number(place + 8, 3))))
      place += geometry.rounded(12 + length)
    }
    return records
  }

  /// How long the packet of a record is, when there can be one.
  private func length(_ place: Int, _ end: Int) -> Int? {
    guard place + 12 <= end, (1...3).contains(bytes[place + 11]) else { return nil }
    let length = number(place + 6, 2)
    return place + geometry.rounded(12 + length) <= end ? length : nil
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
      seal(start, start + 16)
      var place = start + geometry.start
      while let length = length(place, end) {
        seal(place, place + 12 + length)
        place += geometry.rounded(12 + length)
      }
    }
    return sealed
  }

  /// A number of so many bytes, least first.
  private func number(_ place: Int, _ count: Int) -> Int {
    bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(~bytes.reduce(UInt32.max) { PagesReader.table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 })
  }

  /// CRC-32, byte by byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(byte as UInt32) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }
}
