// MoteC: the bodies of mote.h. Each checks its arguments, makes Swift's values of C's, and calls the room that does the
// work. The compiler checks every function against the header.

import CMote
import Mote
import MoteBytes
import MoteMQTT

/// What an opaque object of mote.h holds: a mark that it was initialised, and its value.
struct Object<Value: ~Copyable>: ~Copyable {
  var mark: UInt32
  var value: Value
}

/// The mark of an object that can be used, and of a client that is inside one of its own calls. The latter is looked at
/// on its own, before Swift takes exclusive hold of the value.
let readyMark: UInt32 = 0x4D6F_7465
let busyMark: UInt32 = 0x6574_6F4D

/// Whether an object can be used: MOTE_OK, or which error it is.
@inline(never) func check(_ object: UnsafeMutableRawPointer?) -> mote_status {
  guard let object = unsafe object else { return MOTE_ERROR_ARGUMENT }
  // Sound: every object begins with its mark, and is at least that large.
  switch unsafe object.load(as: UInt32.self) {
  case readyMark: return MOTE_OK
  case busyMark: return MOTE_ERROR_REENTERED
  default: return MOTE_ERROR_NOT_INITIALISED
  }
}

/// The caller's bytes as a region, which is empty when there are none; nil when there cannot be such bytes.
@inline(never) func region(_ start: UnsafeRawPointer?, _ count: Int) -> Region? {
  if count == 0 { return .empty }
  guard let start = unsafe start, count > 0 else { return nil }
  // Sound: mote.h says how long the caller lends them. Nothing is written through a region made of const bytes.
  return unsafe Region(start: UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: UInt8.self), count: count)
}

/// Copies an options struct of the caller's size over one of ours, so that either side may be the newer one.
@inline(never) func copyOptions(
  _ source: UnsafeRawPointer?, to destination: UnsafeMutableRawPointer, count: Int
) -> Bool {
  guard let source = unsafe source else { return false }
  // Sound: every options struct begins with its own size, of which no more than ours is copied.
  let size = unsafe source.load(as: Int.self)
  guard size >= MemoryLayout<Int>.size && size <= 4_096 else { return false }
  unsafe destination.copyMemory(from: source, byteCount: min(size, count))
  return true
}
