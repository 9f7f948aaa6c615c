import Foundation
import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// Damaged documents: never a trap, the same tokens and errors however they are cut, and never more accepted than Foundation does.
struct MutationTests {
  private static let seeds = [
    #"{"desired":{"interval":60,"$version":3},"reported":{"t":21.5,"s":"ok","$version":7}}"#,
    #"[1,-2.5e+3,"a\u00e9\ud83d\ude00\n",true,false,null,{"a":[{}]},[[[]]]]"#,
    "\"é€😀 text\"", "-0.0e-0", #"{"value":21,"ac":200,"av":3,"ad":"completed"}"#,
  ]

  @Test("30,000 of them")
  func mutations() {
    var generator = Generator(state: 2026)
    var accepted = 0
    for round in 0..<30_000 {
      var bytes = Array(MutationTests.seeds[round % MutationTests.seeds.count].utf8)
      for _ in 0...generator.next() % 3 where !bytes.isEmpty {
        let place = Int(generator.next() % UInt64(bytes.count))
        switch generator.next() % 5 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.remove(at: place)
        case 2:
          bytes.insert(
            Array(#"{}[],:"\0123456789truefalsn+-.eEu"#.utf8).randomElement(using: &generator) ?? 0, at: place)
        case 3: bytes.removeSubrange(place...)
        default: bytes[place] ^= 1 << UInt8(generator.next() % 8)
        }
      }
      let whole = read([bytes], buffer: 9, depthLimit: 6)
      let place = Int(generator.next() % UInt64(bytes.count + 1))
      #expect(read([Array(bytes[..<place]), Array(bytes[place...])], buffer: 9, depthLimit: 6) == whole)
      if whole.last == .end {
        accepted += 1
        #expect(
          (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            || String(decoding: bytes, as: UTF8.self).contains("e"), "\(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(accepted > 1000)
  }
}
