import MoteBytes
import MoteTestSupport
import Testing

/// The reader's error is sticky: after it, everything is zero or empty.
struct ReaderTests {
  @Test("Bytes, numbers and skips come in order up to the end")
  func order() {
    let memory = Memory([1, 2, 3, 4, 5, 6, 7])
    var reader = Reader(memory.region, from: 1, to: 7)
    #expect(reader.byte() == 2)
    #expect(reader.number16() == 0x0304)
    reader.skip(2)
    #expect(reader.remaining == 1)
    #expect(reader.position == 6)
    #expect(reader.byte() == 7)
    #expect(!reader.failed)
    #expect(reader.remaining == 0)
  }

  @Test("The end holds, though the region goes on")
  func end() {
    let memory = Memory([1, 2, 3])
    var reader = Reader(memory.region, from: 0, to: 2)
    _ = reader.number16()
    #expect(!reader.failed)
    #expect(reader.byte() == 0)
    #expect(reader.failed)
  }

  @Test("A number cut in half fails, and stays failed")
  func half() {
    let memory = Memory([0xFF])
    var reader = Reader(memory.region, from: 0, to: 1)
    #expect(reader.number16() == 0xFF00)
    #expect(reader.failed)
    #expect(reader.byte() == 0)
    reader.skip(0)
    #expect(reader.failed)
  }

  @Test("A skip too far fails, and stays so, however far", arguments: [4, 5, Int.max])
  func skipping(_ count: Int) {
    let memory = Memory([1, 2, 3])
    var reader = Reader(memory.region, from: 0, to: 3)
    reader.skip(count)
    reader.skip(count)
    #expect(reader.failed)
    #expect(reader.byte() == 0)
  }

  @Test("Nothing to read fails at once, but skipping nothing does not")
  func empty() {
    let memory = Memory(0)
    var reader = Reader(memory.region, from: 0, to: 0)
    reader.skip(0)
    #expect(!reader.failed)
    #expect(reader.byte() == 0)
    #expect(reader.failed)
  }
}
