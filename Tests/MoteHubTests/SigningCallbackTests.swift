import CMote
import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// Signing by a callback, as a secure element does.
struct SigningCallbackTests {
  /// What the callback was asked, and what it answers.
  final class Element {
    var asked: [[UInt8]] = []
    var signature: [UInt8] = []
    var result: Int32 = 0

    /// A signer that asks this element, which must outlive it.
    var signer: Signer {
      unsafe Signer(
        callback: { (context, bytes, length, signature) in
          guard let context = unsafe context, let bytes = unsafe bytes, let signature = unsafe signature else {
            return -1
          }
          let element = unsafe Unmanaged<Element>.fromOpaque(context).takeUnretainedValue()
          element.asked.append(unsafe Array(UnsafeBufferPointer(start: bytes, count: length)))
          for (place, byte) in element.signature.enumerated() { unsafe signature[place] = byte }
          return element.result
        }, context: Unmanaged.passUnretained(self).toOpaque())
    }

    func token(_ device: Device, _ expiry: UInt64, capacity: Int = 2_048) -> Written {
      device.written(capacity: capacity) { $0.appendToken(for: $1, signer: signer, expiry: expiry) }
    }
  }

  static let messages = [
    (0, "MyExampleHub.azure-devices.net%2Fdevices%2Fmy-symkey-device\n1663119026"),
    (1, "myhub.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2FmodA\n1767225600"),
    (
      2,
      "myhub.azure-devices.net%2Fdevices%2Fa-b%3Ac.d%2Be%25f_g%23h%2Ai%3Fj%21k%28l%29%2Cm%3Dn%40o%24p%27q\n1767225600"
    ),
  ]
  static let signatures = [
    "7fec16f1738a7893ad88f73d2308dce0ea44c6f3ccecd96133dab13766b56803",
    "91bf5089d2539c429d576a56b7c028ca8bc78e2252bb7e29fda9f190a5f762e8",
    "3a95da7c94136f5558113d7a739955aa534e52086c8a88591a1915471285fa32",
  ]

  @Test("It gets exactly what is signed, once, and its signature is what is sent", arguments: messages)
  func asked(_ number: Int, _ message: String) throws {
    let vector = TokenTests.vectors[number]
    let element = Element()
    element.signature = hex(SigningCallbackTests.signatures[number])
    #expect(element.token(try Device(vector.connectionString), vector.expiry).text == vector.token)
    #expect(element.asked == [Array(message.utf8)])
  }

  @Test("When it refuses there is no token", arguments: [-1, 1, Int32.min, MOTE_ERROR_SIGNING])
  func refusal(_ result: Int32) throws {
    let element = Element()
    element.signature = hex(SigningCallbackTests.signatures[0])
    element.result = result
    let written = element.token(try Device(TokenTests.vectors[0].connectionString), 1)
    #expect(!written.succeeded)
    #expect(element.asked.count == 1)
  }

  @Test("It is not asked for what does not fit, and the room that is told is enough, whatever the capacity")
  func room() throws {
    let vector = TokenTests.vectors[0]
    let device = try Device(vector.connectionString)
    for capacity in 0..<vector.token.utf8.count {
      let element = Element()
      element.signature = hex(SigningCallbackTests.signatures[0])
      let small = element.token(device, vector.expiry, capacity: capacity)
      #expect(small.text == nil)
      #expect(small.succeeded)
      // Up to the end of what is signed.
      if capacity < 24 + 1 + SigningCallbackTests.messages[0].1.utf8.count - 1 { #expect(element.asked == []) }
      #expect(small.count > capacity)
      #expect(element.token(device, vector.expiry, capacity: small.count).text == vector.token, "\(capacity)")
    }
  }

  @Test("Every signature fits the room that is told before it is known", arguments: [UInt8(0), 0xFB, 0xFF])
  func longest(_ byte: UInt8) throws {
    // 0xFB, 0xEF, 0xBE … is `++++` in base64: three bytes for each character.
    let device = try Device(TokenTests.vectors[0].connectionString)
    let element = Element()
    element.signature =
      byte == 0xFB ? (0..<32).map { [0xFB, 0xEF, 0xBE][$0 % 3] } : [UInt8](repeating: byte, count: 32)
    let expected = element.token(device, .max)
    for capacity in 0..<expected.count {
      let small = element.token(device, .max, capacity: capacity)
      #expect(small.count >= expected.count, "\(capacity)")
      #expect(element.token(device, .max, capacity: small.count) == expected)
    }
    #expect(element.token(device, .max, capacity: expected.count) == expected)
  }
}
