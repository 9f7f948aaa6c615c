import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// What the hub answers to a device with a file, and what the device says of it.
struct UploadTests {
  private static let plain =
    #"{"correlationId":"MjAyMzA=","hostName":"acct.blob.core.windows.net","containerName":"uploads","#
    + #""blobName":"dev1/dir/log1.bin","sasToken":"?sv=2018-03-28&sr=b&sig=a%2Bb&se=1&sp=rw"}"#

  private func answer(_ text: String, memory: Memory, step: Int = .max) -> UploadAnswer {
    var answer = UploadAnswer(memory.region)
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let end = step < bytes.count - start ? start + step : bytes.count
      answer.take(Array(bytes[start..<end]).span)
      start = end
    }
    return answer
  }

  private func text(_ region: Region) -> String {
    String(decoding: (0..<region.count).map { region[$0] }, as: UTF8.self)
  }

  private func parts(_ answer: UploadAnswer) -> [String] {
    [answer.correlation, answer.host, answer.container, answer.blob, answer.token].map(text)
  }

  @Test("The values are read, in pieces of any size", arguments: [1, 2, 3, 7, 50, .max])
  func pieces(_ step: Int) {
    let memory = Memory(1_024)
    let answer = answer(Self.plain, memory: memory, step: step)
    #expect(answer.isComplete && !answer.isTooSmall)
    #expect(
      parts(answer) == [
        "MjAyMzA=", "acct.blob.core.windows.net", "uploads", "dev1/dir/log1.bin",
        "?sv=2018-03-28&sr=b&sig=a%2Bb&se=1&sp=rw",
      ])
    #expect(answer.count == parts(answer).joined().utf8.count, "nothing else is kept")
    #expect(text(answer.peer.name) == "acct.blob.core.windows.net" && answer.peer.portNumber == 443)
  }

  @Test("Whatever JSON may be like otherwise")
  func forms() {
    let memory = Memory(1_024)
    let other = """
       { "extra" : { "hostName" : "evil", "list":[1,"blobName",{"sasToken":"evil"}], "correlationId":"evil"},
        "sasToken":"?a\\u0026b\\/c", "containerName" : "u", "number": -1.5e3, "null":null,
        "blobName":"d\\u00e4\\u20ac\\uD83D\\uDE00\\\\\\"" ,"blobName":"second", "hostName":"h:8443","correlationId":"c" }
      """
    let answer = answer(other, memory: memory, step: 1)
    #expect(answer.isComplete)
    #expect(parts(answer) == ["c", "h:8443", "u", #"dä€😀\""#, "?a&b/c"])
    #expect(text(answer.peer.name) == "h" && answer.peer.portNumber == 8_443)
  }

  @Test("One that is cut, lacks something, or does not fit, is none")
  func incomplete() {
    let bytes = Array(Self.plain.utf8)
    for end in 0..<bytes.count {
      let memory = Memory(1_024)
      #expect(!answer(String(decoding: bytes[..<end], as: UTF8.self), memory: memory).isComplete)
    }
    for size in 0..<110 {
      let memory = Memory(size)
      let answer = answer(Self.plain, memory: memory)
      #expect(answer.isTooSmall != answer.isComplete, "\(size)")
      #expect(answer.count <= size)
    }
    for name in ["correlationId", "hostName", "containerName", "blobName", "sasToken"] {
      let memory = Memory(1_024)
      #expect(!answer(Self.plain.replacing(name, with: "x"), memory: memory).isComplete)
    }
  }

  @Test("A host that is no name, and what would end the JSON that it goes back in, are refused")
  func refused() {
    for (value, other) in [
      ("acct.blob.core.windows.net", #"a\u0000b"#), ("acct.blob.core.windows.net", "a/b"),
      ("acct.blob.core.windows.net", ":443"),
      ("acct.blob.core.windows.net", "a b"), ("MjAyMzA=", #"a\"b"#), ("MjAyMzA=", #"a\\b"#), ("MjAyMzA=", #"a\nb"#),
    ] {
      let memory = Memory(1_024)
      #expect(!answer(Self.plain.replacing(value, with: other), memory: memory).isComplete, "\(other)")
    }
  }

  @Test("Bytes of any kind do no harm")
  func noise() {
    var generator = Generator(state: 7)
    let marks = Array("{}[]\":,\\u0dD8x".utf8)
    for _ in 0..<5_000 {
      let memory = Memory(Int(generator.next() % 64))
      var answer = UploadAnswer(memory.region)
      let bytes = (0..<Int(generator.next() % 200)).map { _ -> UInt8 in
        let number = generator.next()
        return number % 4 == 0 ? UInt8(truncatingIfNeeded: number >> 8) : marks[Int(number >> 8 % 1_000) % marks.count]
      }
      answer.take(bytes.span)
      _ = answer.isComplete
      _ = answer.peer
      #expect(answer.count <= memory.region.count)
    }
  }

  @Test("The list of the blocks is the same, in pieces of any size, and as long as it says")
  func list() {
    for blocks in [0, 1, 2, 9, 10, 11, 40] {
      let names = (0..<blocks).map { number -> String in
        let memory = Memory(8)
        var writer = Writer(memory.region)
        writer.appendBlockName(number)
        return text(writer.written)
      }
      let whole =
        #"<?xml version="1.0" encoding="utf-8"?><BlockList>"# + names.map { "<Latest>\($0)</Latest>" }.joined()
        + "</BlockList>"
      #expect(BlockList(blocks: blocks).count == whole.utf8.count)
      for size in [64, 65, 73, 74, 75, 99, 100, 128, 1_024] {
        var list = BlockList(blocks: blocks)
        // Begun and left, as when it has to be put once more.
        _ = list.write(into: Memory(64).region, isFirst: true)
        var written = ""
        while written.utf8.count < list.count {
          let memory = Memory(min(size, list.count - written.utf8.count))
          let count = list.write(into: memory.region, isFirst: written.isEmpty)
          guard count > 0 && count <= memory.region.count else {
            Issue.record("nothing in \(size)")
            break
          }
          written += text(memory.region.part(0, count))
        }
        #expect(written == whole)
      }
    }
  }

  @Test("Blocks have names of one length")
  func names() {
    let memory = Memory(64)
    // Of the specification's own table.
    for (number, name) in [(0, "MDAwMDAw"), (1, "MDAwMDAx"), (49_999, "MDQ5OTk5")] {
      var writer = Writer(memory.region)
      writer.appendBlockName(number)
      #expect(text(writer.written) == name)
    }
  }
}
