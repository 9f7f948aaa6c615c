import MoteBytes
import MoteTestSupport
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

  @Test("Numbers are kept at any alignment, to the last byte")
  func numbers() {
    let memory = Memory(12)
    for offset in 0...8 {
      memory.region.store(UInt32(bigEndian: 0xDEAD_BEEF), at: offset)
      #expect(memory.region.load(offset, as: UInt32.self) == UInt32(bigEndian: 0xDEAD_BEEF))
      #expect(Array(memory.prefix(12)[offset..<offset + 4]) == [0xDE, 0xAD, 0xBE, 0xEF])
    }
    for offset in 0...10 {
      memory.region.store(UInt16(bigEndian: 0x0102), at: offset)
      #expect(Array(memory.prefix(12)[offset..<offset + 2]) == [1, 2])
    }
  }
}
