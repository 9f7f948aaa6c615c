import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// Whatever a connection string is made of, it is read or refused, and what is read is a part of it.
struct ConnectionStringMutationTests {
  private let seeds = [
    "HostName=hub.azure-devices.net;DeviceId=dev1;SharedAccessKey=" + Key.bytes32,
    "HostName=h.net;DeviceId=a-b:c.d+e%f_g;ModuleId=m;SharedAccessKey=" + Key.bytes64 + ";GatewayHostName=edge;",
    "HostName=h.net;DeviceId=d;x509=true",
  ]

  /// Changes, adds, removes, repeats or swaps some bytes.
  private func mutate(_ seed: [UInt8], _ random: inout Generator) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let other = Int.random(in: place...bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.insert([59, 61, 0, 0x80, 0x2B][place % 5], at: place)
      case 2: bytes.removeSubrange(place..<other)
      case 3: bytes.insert(contentsOf: bytes[place..<other], at: place)
      case 4: bytes = Array(bytes[place...] + bytes[..<place])
      default: bytes.remove(at: place)
      }
    }
    return bytes
  }

  @Test("Thousands of mutations", arguments: UInt64(1)...8)
  func mutations(_ seed: UInt64) throws {
    var random = Generator(state: seed)
    var read = 0
    for _ in 0..<2_500 {
      let bytes = mutate(Array(seeds[Int.random(in: 0..<3, using: &random)].utf8), &random)
      do throws(Failure) {
        let device = try Device(bytes: bytes)
        read += 1
        let whole = String(decoding: bytes, as: UTF8.self)
        #expect(!device.host.isEmpty && !device.name.isEmpty)
        for (key, value) in [("HostName", device.host), ("DeviceId", device.name), ("ModuleId", device.module)]
        where !value.isEmpty {
          #expect(";\(whole);".contains(";\(key)=\(value);"), "\(whole)")
        }
        // What was accepted can sign: its key is one.
        #expect(device.identity.usesCertificate || device.token(1).text != nil)
      } catch {
        #expect((-209 ... -200).contains(error.code), "\(error.code)")
      }
    }
    #expect(read > 20 && read < 2_000)
  }

  @Test("Every prefix, and every suffix, is read or refused")
  func cut() {
    for seed in seeds {
      let bytes = Array(seed.utf8)
      for place in 0...bytes.count {
        for part in [bytes[..<place], bytes[place...]] {
          guard let code = refusal(bytes: Array(part))?.code else { continue }
          #expect((-209 ... -200).contains(code))
        }
      }
    }
  }
}
