import CMote

/// Pages of flash for a journal, which may use them only as mote.h says: reads inside, writes of whole units within a
/// page, and no bit from 0 to 1 but by erasing the page.
@safe final class Pages {
  let geometry: Geometry
  private(set) var bytes: [UInt8]
  /// How many bytes are still erased or written before the power is cut.
  var budget = Int.max
  /// Whether only what is erased may be written: not where somebody else's bytes are.
  var demandsErased = true
  /// How many bytes and calls one request may still read.
  var patience = 0
  private let storage: UnsafeMutablePointer<mote_storage>

  struct Geometry: Equatable {
    var pageSize: Int
    var pageCount: Int
    var unit: Int
    /// Whose messages they are; empty: anybody's.
    var name: [UInt8] = []

    var size: Int { pageSize * pageCount }
    /// Where in a page the header is that counts, and the first record.
    var header: Int { rounded(12) }
    var start: Int { 2 * header }
    func rounded(_ count: Int) -> Int { (count + unit - 1) / unit * unit }
  }

  init(_ geometry: Geometry, _ bytes: [UInt8]? = nil) {
    self.geometry = geometry
    self.bytes = bytes ?? [UInt8](repeating: 0xFF, count: geometry.size)
    unsafe storage = .allocate(capacity: 1)
    // Sound: the storage is used only as long as the pages live, which the journal's owner sees to.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe storage.initialize(
      to: mote_storage(
        context: context,
        read: { context, offset, bytes, length in
          guard let context = unsafe context, let bytes = unsafe bytes else { fatalError("read to nowhere") }
          let pages = unsafe Unmanaged<Pages>.fromOpaque(context).takeUnretainedValue()
          return unsafe pages.read(Int(offset), UnsafeMutableBufferPointer(start: bytes, count: length))
        },
        write: { context, offset, bytes, length in
          guard let context = unsafe context, let bytes = unsafe bytes else { fatalError("written from nowhere") }
          let pages = unsafe Unmanaged<Pages>.fromOpaque(context).takeUnretainedValue()
          return unsafe pages.write(Int(offset), Array(UnsafeBufferPointer(start: bytes, count: length)))
        }))
  }

  deinit { unsafe storage.deallocate() }

  /// For a journal, as long as the pages live.
  @unsafe var pointer: UnsafePointer<mote_storage> { unsafe UnsafePointer(storage) }

  var hasPower: Bool { budget > 0 }

  /// Makes a byte another.
  func damage(_ place: Int, _ byte: UInt8) { bytes[place] = byte }

  private func read(_ offset: Int, _ room: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
    demand(offset >= 0 && offset + room.count <= bytes.count, "\(room.count) bytes read at \(offset)")
    patience -= 1 + room.count
    demand(patience >= 0, "reads without end")
    if !hasPower { return MOTE_ERROR_STORAGE }
    for place in room.indices { unsafe room[place] = bytes[offset + place] }
    return MOTE_OK
  }

  private func write(_ offset: Int, _ new: [UInt8]) -> Int32 {
    let (size, unit) = (geometry.pageSize, geometry.unit)
    demand(offset >= 0 && offset + new.count <= bytes.count && !new.isEmpty, "\(new.count) bytes written at \(offset)")
    demand(offset % unit == 0 && new.count % unit == 0, "\(new.count) bytes at \(offset) are no units")
    demand(offset / size == (offset + new.count - 1) / size, "written across a page's end")
    if offset % size == 0 {
      for place in offset..<offset + size where hasPower {
        bytes[place] = 0xFF
        budget -= 1
      }
    }
    for (place, byte) in new.enumerated() where hasPower {
      demand(!demandsErased || bytes[offset + place] & byte == byte, "a bit from 0 to 1 at \(offset + place)")
      bytes[offset + place] &= byte
      budget -= 1
    }
    return hasPower ? MOTE_OK : MOTE_ERROR_STORAGE
  }
}
