import MoteBytes
import MoteTestSupport
import Testing

/// The writer's error is sticky and has a size.
struct WriterTests {
  @Test("What fits exactly fits; one byte less does not, and the count is what was needed")
  func exactly() {
    func all(_ writer: inout Writer) {
      writer.append(1)
      writer.append16(0x0203)
      writer.append(([4, 5, 6] as [UInt8]).span)
      writer.append("seven")
    }
    #expect(written(capacity: 11, all).bytes == [1, 2, 3, 4, 5, 6] + Array("seven".utf8))
    for capacity in 0..<11 {
      let result = written(capacity: capacity, all)
      #expect(result.bytes == nil)
      #expect(result.count == 11)
    }
  }

  @Test("After the first overflow nothing is written, even what would fit")
  func sticky() {
    let memory = Memory([9, 9, 9, 9])
    var writer = Writer(memory.region)
    writer.append(1)
    writer.append(([2, 3, 4, 5] as [UInt8]).span)
    writer.append(6)
    writer.append(([7] as [UInt8]).span)
    writer.append("")
    #expect(!writer.fits)
    #expect(writer.count == 7)
    #expect(memory.prefix(4) == [1, 9, 9, 9])
    #expect(writer.written.count == 0)
  }

  @Test("A writer that starts behind the end counts from there and writes nothing")
  func behindTheEnd() {
    let memory = Memory(4)
    var writer = Writer(memory.region, from: 6)
    #expect(!writer.fits)
    writer.append16(1)
    writer.append(([1, 2] as [UInt8]).span)
    #expect(writer.count == 10)
  }

  @Test("A count that no memory can hold stays too large")
  func huge() {
    let memory = Memory(4)
    var writer = Writer(memory.region)
    writer.rewind(to: .max)
    writer.append(1)
    writer.append16(2)
    writer.append(([1, 2] as [UInt8]).span)
    #expect(writer.count == .max)
    #expect(!writer.fits)
  }

  @Test("Rewinding takes back, also an overflow")
  func rewinding() {
    let memory = Memory(4)
    var writer = Writer(memory.region)
    writer.append("abcdef")
    writer.rewind(to: 0)
    writer.append("xy")
    #expect(writer.fits)
    #expect(writer.written.count == 2)
    #expect(memory.prefix(2) == Array("xy".utf8))
  }

  @Test("Writing starts at the offset and leaves what is before it")
  func offset() {
    let memory = Memory([1, 2, 3, 4])
    var writer = Writer(memory.region, from: 2)
    writer.append16(0xFFFE)
    #expect(writer.fits)
    #expect(memory.prefix(4) == [1, 2, 0xFF, 0xFE])
  }
}
