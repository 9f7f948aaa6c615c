import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// What is written into a bag is what is read from it.
struct PropertyRoundTripTests {
  @Test("Every byte, in name and value, alone and between others")
  func everyByte() {
    for byte in UInt8.min...UInt8.max {
      for bytes in [[byte], [97, byte, 98], [byte, byte]] {
        let list: [([UInt8], [UInt8]?)] = [(bytes, bytes), (bytes, nil), (bytes, [])]
        let text = bag(list).text ?? "does not fit"
        #expect(properties(text) == [.pair(bytes, bytes), .pair(bytes, nil), .pair(bytes, [])], "\(byte)")
        #expect(text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "#") })
      }
    }
  }

  @Test("Random bags", arguments: UInt64(1)...4)
  func random(_ seed: UInt64) {
    var random = Generator(state: seed)
    // Half of them of bytes that mean something in a bag.
    func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
      let special = Array("&=%?+#/ 4zé".utf8)
      return (0..<Int.random(in: counts, using: &random)).map { _ in
        Bool.random(using: &random)
          ? special[Int.random(in: 0..<special.count, using: &random)] : UInt8.random(in: .min ... .max, using: &random)
      }
    }
    for _ in 0..<500 {
      var list: [([UInt8], [UInt8]?)] = []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        list.append((bytes(1...24), Int.random(in: 0..<4, using: &random) == 0 ? nil : bytes(0...40)))
      }
      let text = bag(list).text
      #expect(text.map { properties($0) } == list.map { .pair($0.0, $0.1) })
    }
  }

  @Test("Any bytes at all are read to their end", arguments: UInt64(1)...4)
  func anything(_ seed: UInt64) {
    var random = Generator(state: seed)
    let special = Array("&&&&==%%%%?4Fab".utf8)
    for _ in 0..<2_000 {
      let bag = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        Int.random(in: 0..<10, using: &random) == 0
          ? UInt8.random(in: .min ... .max, using: &random) : special[Int.random(in: 0..<special.count, using: &random)]
      }
      let pairs = bag.dropFirst(bag.first == UInt8(ascii: "?") ? 1 : 0).split(separator: UInt8(ascii: "&"))
      #expect(properties(bag).count == pairs.count)
      #expect(properties(bag, room: 3).count == pairs.count)
    }
  }
}
