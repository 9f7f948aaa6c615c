import CMote
import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

@testable import Mote

/// CONNECT, byte for byte (protocol.md, 25).
struct GreetingTests {
  @Test("With a certificate there is no password")
  func certificate() throws {
    let rig = try Rig("HostName=myhub.azure-devices.net;DeviceId=dev1;x509=true")
    let expected = hex(
      """
      10 46 00 04 4d 51 54 54 04 80 00 f0 00 04 64 65 76 31 00 34 6d 79 68 75 62 2e 61 7a 75 72 65 2d 64 65 76 69 63 65 73
      2e 6e 65 74 2f 64 65 76 31 2f 3f 61 70 69 2d 76 65 72 73 69 6f 6e 3d 32 30 32 31 2d 30 34 2d 31 32
      """)
    #expect(try rig.greet() == expected)
    #expect(expected.count == 72)
  }

  @Test("With a key the password is a token that is good for as long as was asked")
  func key() throws {
    for (seconds, expiry) in [(UInt32(3_600), "1767225600"), (1, "1767222001"), (.max, "6062189295")] {
      var options = DeviceClient.Options()
      options.tokenSeconds = seconds
      let rig = try Rig(
        "HostName=myhub.azure-devices.net;DeviceId=dev1;ModuleId=modA;SharedAccessKey=" + Rig.key, options: options)
      rig.port.wallSeconds = 1_767_222_000
      let text = String(decoding: try rig.greet(), as: UTF8.self)
      #expect(text.contains("dev1/modA\u{0}"))
      #expect(text.contains("myhub.azure-devices.net/dev1/modA/?api-version=2021-04-12\u{0}"))
      #expect(text.hasSuffix("&se=" + expiry))
      let vector =
        "SharedAccessSignature sr=myhub.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2FmodA"
        + "&sig=kb9QidJTnEKdV2pWt8AoyovHjiJSu34p%2FanxkKX3Yug%3D&se=1767225600"
      #expect(text.hasSuffix(vector) == (seconds == 3_600))
    }
  }

  @Test("A receive buffer that CONNECT does not fit is too small")
  func room() throws {
    let rig = try Rig(receiving: 128)
    #expect(throws: Failure.tooLarge) { try rig.greet() }
    // Nothing of the token stays.
    #expect(rig.receiveBuffer.allSatisfy { $0 == 0 })
  }
}
