import Glibc
import MoteBytes

/// Bytes whose address stays, as a client wants what it borrows; wiped in the end, since some are secret.
final class Memory {
  let region: Region

  init(count: Int) {
    // Sound: the memory lives as long as this object, and whoever borrows from it holds the object.
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
    unsafe start.initialize(repeating: 0, count: count)
    unsafe region = Region(start: start, count: count)
  }

  convenience init(_ bytes: some Collection<UInt8>) {
    self.init(count: bytes.count)
    var offset = 0
    for byte in bytes {
      region[offset] = byte
      offset += 1
    }
  }

  deinit {
    // Sound: allocated above with this many bytes.
    unsafe explicit_bzero(region.pointer, region.count)
    unsafe region.pointer.deallocate()
  }
}

extension Region {
  /// A copy of the bytes.
  var array: [UInt8] { (0..<count).map { self[$0] } }

  /// The bytes as text, with what is not UTF-8 replaced.
  var text: String { String(decoding: array, as: UTF8.self) }
}
