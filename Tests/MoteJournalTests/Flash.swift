import CMote
import MoteTestSupport
import Testing

/// Pages of flash: erased as a whole, programmed in units from 1 to 0, and cut from power after so many bytes.
@safe final class Flash {
  let pageSize: Int
  let unit: Int
  var bytes: [UInt8]
  /// How often each page was erased.
  var erased: [Int]
  /// How many bytes are still erased or programmed before the power is cut.
  var budget = Int.max
  /// How many bytes were, and how many calls to write there were.
  private(set) var used = 0
  private(set) var writes = 0
  /// Whether a page is erased from its end on, so that a torn erasure leaves its first records.
  var erasesBackwards = false
  /// Whether writing or reading fails.
  var failsToWrite = false
  var failsToRead = false
  /// How many calls to read succeed before one fails.
  var readsLeft = Int.max
  private let storage: UnsafeMutablePointer<mote_storage>

  init(pageSize: Int = 640, pageCount: Int = 4, unit: Int = 8) {
    self.pageSize = pageSize
    self.unit = unit
    bytes = [UInt8](repeating: 0xFF, count: pageSize * pageCount)
    erased = [Int](repeating: 0, count: pageCount)
    unsafe storage = .allocate(capacity: 1)
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe storage.initialize(
      to: mote_storage(
        context: context,
        read: { context, offset, bytes, length in
          guard let context = unsafe context, let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
          let flash = unsafe Unmanaged<Flash>.fromOpaque(context).takeUnretainedValue()
          if flash.failsToRead || flash.budget == 0 || flash.readsLeft == 0 { return MOTE_ERROR_STORAGE }
          flash.readsLeft -= 1
          for place in 0..<length { unsafe bytes[place] = flash.bytes[Int(offset) + place] }
          return MOTE_OK
        },
        write: { context, offset, bytes, length in
          guard let context = unsafe context, let bytes = unsafe bytes else { return MOTE_ERROR_ARGUMENT }
          let flash = unsafe Unmanaged<Flash>.fromOpaque(context).takeUnretainedValue()
          return flash.write(Int(offset), (0..<length).map { unsafe bytes[$0] })
        }))
  }

  deinit { unsafe storage.deallocate() }

  /// For C, as long as the flash lives.
  @unsafe var pointer: UnsafePointer<mote_storage> { unsafe UnsafePointer(storage) }

  private func spend() -> Bool {
    if budget == 0 { return false }
    budget -= 1
    used += 1
    return true
  }

  private func write(_ offset: Int, _ new: [UInt8]) -> Int32 {
    if offset % unit != 0 || new.count % unit != 0 || new.isEmpty { Issue.record("\(new.count) bytes at \(offset)") }
    if offset / pageSize != (offset + new.count - 1) / pageSize { Issue.record("\(new.count) bytes at \(offset)") }
    if failsToWrite || budget == 0 { return MOTE_ERROR_STORAGE }
    writes += 1
    if offset % pageSize == 0 {
      erased[offset / pageSize] += 1
      for place in 0..<pageSize {
        guard spend() else { return MOTE_ERROR_STORAGE }
        bytes[offset + (erasesBackwards ? pageSize - 1 - place : place)] = 0xFF
      }
    }
    for (place, byte) in new.enumerated() {
      guard spend() else { return MOTE_ERROR_STORAGE }
      if bytes[offset + place] & byte != byte { Issue.record("bit from 0 to 1 at \(offset + place)") }
      bytes[offset + place] &= byte
    }
    return MOTE_OK
  }
}
