// MoteC: the bodies of mote.h. Each checks its arguments, makes Swift's values of C's, and calls the room that does the
// work. The compiler checks every function against the header.

import CMote
import Mote
import MoteBytes
import MoteMQTT

/// What an opaque object of mote.h holds: a mark that it was initialised, and its value.
///
/// The mark is the object's own address, so that it also tells an object that was copied or moved, and one more while a
/// client is inside one of its own calls. It is looked at before Swift takes exclusive hold of the value.
struct Object<Value: ~Copyable>: ~Copyable {
  var mark: UInt
  var value: Value
}

/// Whether an object can be used: MOTE_OK, or which error it is.
@inline(__always) func check(_ object: UnsafeMutableRawPointer?) -> mote_status {
  // Sound: every object begins with its mark, and is at least that large.
  if let object = unsafe object, unsafe object.load(as: UInt.self) == UInt(bitPattern: object) { return MOTE_OK }
  return unsafe explain(object)
}

/// Why an object cannot be used.
@inline(never) private func explain(_ object: UnsafeMutableRawPointer?) -> mote_status {
  guard let object = unsafe object else { return MOTE_ERROR_ARGUMENT }
  let mark = unsafe object.load(as: UInt.self)
  return mark == UInt(bitPattern: object) &+ 1 ? MOTE_ERROR_REENTERED : MOTE_ERROR_NOT_INITIALISED
}

/// The caller's bytes as a region, which is empty when there are none; nil when there cannot be such bytes.
@inline(__always) func region(_ start: UnsafeRawPointer?, _ count: Int) -> Region? {
  guard count >= 0, unsafe start != nil || count == 0 else { return nil }
  // Sound: mote.h says how long the caller lends them. Nothing is written through a region made of const bytes.
  return unsafe Region(
    start: UnsafeMutableRawPointer(mutating: start ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped)
      .assumingMemoryBound(to: UInt8.self), count: count)
}

/// ``region(_:_:)`` once for all callers but those that publish.
@inline(never) func sharedRegion(_ start: UnsafeRawPointer?, _ count: Int) -> Region? { unsafe region(start, count) }

/// ``Region/orNull`` once for all callers. Sound: mote.h says how long the bytes stay.
@inline(never) func pointer(_ region: Region) -> UnsafePointer<UInt8>? { unsafe region.orNull }

/// The same for text.
func text(_ region: Region) -> UnsafePointer<CChar>? {
  unsafe UnsafeRawPointer(pointer(region))?.assumingMemoryBound(to: CChar.self)
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
