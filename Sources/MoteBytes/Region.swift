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

  /// Whether `size` bytes at `offset` are within.
  @inlinable @inline(__always) func contains(_ offset: Int, _ size: Int) -> Bool {
    offset >= 0 && offset <= count &- size
  }

  /// The `count` bytes from `offset` on.
  @inlinable @inline(__always) public func part(_ offset: Int, _ count: Int) -> Region {
    // One unsigned comparison each: a negative offset or count is a very large one.
    precondition(UInt(bitPattern: offset) <= UInt(bitPattern: self.count))
    precondition(UInt(bitPattern: count) <= UInt(bitPattern: self.count &- offset))
    return unsafe Region(start: start + offset, count: _assumeNonNegative(count))
  }

  /// The bytes, to read.
  @inlinable @inline(__always) public var bytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      // Sound: the maker of the region promised that the memory outlives it.
      unsafe _overrideLifetime(Span(_unsafeStart: start, count: _assumeNonNegative(count)), borrowing: self)
    }
  }

  @inlinable @inline(__always) public subscript(offset: Int) -> UInt8 {
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
  @inlinable @inline(__always) public func copy(_ source: Span<UInt8>, to offset: Int) {
    precondition(contains(offset, source.count))
    // Sound: there is room for all of `source`; memmove allows overlap.
    unsafe source.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        unsafe UnsafeMutableRawPointer(start + offset).copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  /// A number of the machine's order at `offset`.
  @inlinable @inline(__always) public func load<Number: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as type: Number.Type
  ) -> Number {
    precondition(contains(offset, MemoryLayout<Number>.size))
    // Sound: all its bytes are there, and any bytes make a valid number.
    return unsafe UnsafeRawPointer(start + offset).loadUnaligned(as: type)
  }

  /// Stores a number in the machine's order at `offset`.
  @inlinable @inline(__always) public func store<Number: FixedWidthInteger & BitwiseCopyable>(
    _ number: Number, at offset: Int
  ) {
    precondition(contains(offset, MemoryLayout<Number>.size))
    unsafe UnsafeMutableRawPointer(start + offset).storeBytes(of: number, as: Number.self)
  }

  /// The memory, for C. Unsafe, because C checks nothing.
  @unsafe @inlinable public var pointer: UnsafeMutablePointer<UInt8> { unsafe start }

  /// The same to be read, and null when there are no bytes.
  @unsafe @inlinable public var orNull: UnsafePointer<UInt8>? { count > 0 ? unsafe UnsafePointer(start) : nil }

  /// The same for text.
  @unsafe @inlinable public var textOrNull: UnsafePointer<CChar>? {
    unsafe UnsafeRawPointer(orNull)?.assumingMemoryBound(to: CChar.self)
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are ASCII without NUL, and enough to be looked at a machine word at a time.
  @inline(__always) var isPlain: Bool {
    let ones = UInt.max / 0xFF
    let size = MemoryLayout<UInt>.size
    return unsafe withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, bytes.count >= size else { return false }
      // Sound: a whole word is read at every step, the last of them at the end, and any bytes make a valid word.
      let last = unsafe start + (bytes.count &- size)
      var next = unsafe start
      var word = unsafe last.loadUnaligned(as: UInt.self)
      // A byte's high bit survives in the first term when the byte is 0, in the second when it is not ASCII.
      var marks = (word &- ones) | word
      while unsafe next < last {
        word = unsafe next.loadUnaligned(as: UInt.self)
        marks |= (word &- ones) | word
        unsafe next += size
      }
      return marks & (ones &<< 7) == 0
    }
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
