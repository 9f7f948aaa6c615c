import MoteBytes
import Testing

/// The reader's error is sticky: after it, everything is zero or empty.
struct ReaderTests {
  @Test("Bytes, numbers and skips come in order up to the end")
  func order() {
    let memory = Memory([1, 2, 3, 4, 5, 6, 7])
    var reader = Reader(memory.region, from: 1, to: 7)
    #expect(reader.byte() == 2)
    #expect(reader.number16() == 0x0304)
    #expect(reader.skip(2) == 4)
    #expect(reader.remaining == 1)
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
    #expect(reader.skip(0) == 1)
    #expect(reader.failed)
  }

  @Test("A skip too far goes to the end and fails", arguments: [4, 5, Int.max, -1, Int.min])
  func skipping(_ count: Int) {
    let memory = Memory([1, 2, 3])
    var reader = Reader(memory.region, from: 0, to: 3)
    #expect(reader.skip(count) == 3)
    #expect(reader.failed)
    #expect(reader.byte() == 0)
  }

  @Test("Nothing to read fails at once, but skipping nothing does not")
  func empty() {
    let memory = Memory(0)
    var reader = Reader(memory.region, from: 0, to: 0)
    #expect(reader.skip(0) == 0)
    #expect(!reader.failed)
    #expect(reader.byte() == 0)
    #expect(reader.failed)
  }
}
