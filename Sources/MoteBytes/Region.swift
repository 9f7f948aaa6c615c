// MoteBytes: what every room above it needs of bytes. This file is its only unsafe one: the primitives that
// the rest builds on, each behind one bounds check.

/// Memory that somebody else owns and lends: a start and a length.
///
/// Whoever makes a region promises that the memory stays where it is, and that nobody else uses it, for as long
/// as the region or anything that stores it is used. That promise is the only unsafe thing about it; every
/// access is checked against the length.
@safe public struct Region {
  @usableFromInline let start: UnsafeMutablePointer<UInt8>
  public let count: Int

  /// Borrows `count` bytes at `start`. Unsafe, because the compiler cannot see how long they live.
  @unsafe @inlinable public init(start: UnsafeMutablePointer<UInt8>, count: Int) {
    precondition(count >= 0)
    unsafe self.start = start
    self.count = count
  }

  /// No bytes at all.
  @inlinable public static var empty: Region {
    // Sound: nothing is read or written through it, since its length is zero. Any address but null will do.
    unsafe Region(start: UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped, count: 0)
  }

  /// The `count` bytes from `offset` on.
  @inlinable public func part(_ offset: Int, _ count: Int) -> Region {
    // One unsigned comparison each: a negative offset or count is a very large one.
    precondition(UInt(bitPattern: offset) <= UInt(bitPattern: self.count))
    precondition(UInt(bitPattern: count) <= UInt(bitPattern: self.count &- offset))
    return unsafe Region(start: start + offset, count: count)
  }

  /// The bytes, to read.
  @inlinable public var bytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      // Sound: the maker of the region promised that the memory outlives it.
      unsafe _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: self)
    }
  }

  @inlinable public subscript(offset: Int) -> UInt8 {
    get {
      precondition(UInt(bitPattern: offset) < UInt(bitPattern: count))
      return unsafe start[offset]
    }
    nonmutating set {
      precondition(UInt(bitPattern: offset) < UInt(bitPattern: count))
      unsafe start[offset] = newValue
    }
  }

  /// Copies `source` to `offset`. They may overlap.
  @inlinable public func copy(_ source: Span<UInt8>, to offset: Int) {
    let destination = part(offset, source.count)
    // Sound: `destination` has room for all of `source`; memmove allows overlap.
    unsafe source.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        unsafe UnsafeMutableRawPointer(destination.start).copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  /// The 32-bit number at `offset`, in the machine's order.
  @inlinable public func number32(at offset: Int) -> UInt32 {
    // Sound: `part` checked that all four bytes are there, and any bytes make a valid number.
    unsafe UnsafeRawPointer(part(offset, 4).start).loadUnaligned(as: UInt32.self)
  }

  /// Stores a 32-bit number at `offset`, in the machine's order.
  @inlinable public func set(number32 value: UInt32, at offset: Int) {
    unsafe UnsafeMutableRawPointer(part(offset, 4).start).storeBytes(of: value, as: UInt32.self)
  }

  /// The memory, for C. Unsafe, because C checks nothing.
  @unsafe @inlinable public var pointer: UnsafeMutablePointer<UInt8> { unsafe start }
}

extension Span where Element == UInt8 {
  /// The machine word at `offset`, in the machine's order: for looking at several bytes at a time.
  @inlinable @_transparent public func word(at offset: Int) -> UInt {
    precondition(offset >= 0 && offset &+ MemoryLayout<UInt>.size <= count)
    // Sound: all bytes of the word are within the span, and any bytes make a valid word.
    return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt.self) }
  }
}

extension StaticString {
  /// The literal's bytes.
  @inlinable public var bytes: Span<UInt8> {
    @_lifetime(immortal) get {
      // Sound: a literal lives as long as the program.
      unsafe _overrideLifetime(Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount), copying: ())
    }
  }
}
