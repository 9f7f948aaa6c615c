import MoteBytes

/// Owns the memory that a region borrows, with nothing of its own around it: AddressSanitizer sees the first byte outside.
@safe final class Buffer {
  let region: Region

  init(_ count: Int) {
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    unsafe start.initialize(repeating: 0, count: count)
    unsafe region = Region(start: start, count: count)
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(bytes.count)
    region.copy(bytes.span, to: 0)
  }

  deinit { unsafe region.pointer.deallocate() }

  /// Whether all of `part` is inside. An empty one may be anywhere.
  func holds(_ part: Region) -> Bool {
    if part.count == 0 { return true }
    let offset = unsafe part.pointer - region.pointer
    return offset >= 0 && offset + part.count <= region.count
  }
}

extension Region {
  /// A copy of the bytes.
  var array: [UInt8] { (0..<count).map { self[$0] } }
}
