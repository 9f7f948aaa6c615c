import MoteBytes
import Testing

/// The primitives behind the bounds checks. (That they trap is tested by what never does: every other test.)
struct RegionTests {
  @Test("A part is the same memory")
  func part() {
    let memory = Memory([1, 2, 3, 4])
    memory.region.part(1, 2)[1] = 9
    #expect(memory.prefix(4) == [1, 2, 9, 4])
    #expect(memory.region.part(4, 0).count == 0)
    let count = memory.region.part(1, 2).bytes.count
    #expect(count == 2)
  }

  @Test("Overlapping copies keep what they copy, in both directions")
  func overlap() {
    let memory = Memory([1, 2, 3, 4, 5, 6])
    memory.region.copy(memory.region.part(0, 4).bytes, to: 2)
    #expect(memory.prefix(6) == [1, 2, 1, 2, 3, 4])
    memory.region.copy(memory.region.part(2, 4).bytes, to: 0)
    #expect(memory.prefix(6) == [1, 2, 3, 4, 3, 4])
    memory.region.copy(memory.region.part(6, 0).bytes, to: 6)
  }

  @Test("Numbers of 32 bits are kept at any alignment")
  func number32() {
    let memory = Memory(12)
    for offset in 0...8 {
      memory.region.set(number32: 0xDEAD_BEEF, at: offset)
      #expect(memory.region.number32(at: offset) == 0xDEAD_BEEF)
    }
  }

  @Test("A word is the bytes at any offset, to the last one")
  func word() {
    let bytes = (1...17).map { UInt8($0) }
    for offset in 0...(17 - MemoryLayout<UInt>.size) {
      var expected: UInt = 0
      for place in (0..<MemoryLayout<UInt>.size).reversed() { expected = expected << 8 | UInt(bytes[offset + place]) }
      let word = bytes.span.word(at: offset)
      #expect(UInt(littleEndian: word) == expected)
    }
  }
}
