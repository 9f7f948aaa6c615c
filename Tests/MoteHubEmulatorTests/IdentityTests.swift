#if Tools

import MoteHubEmulator
import Testing

struct IdentityTests {
  @Test func identifiersAreOfTheAllowedCharacters() {
    for good in ["a", "Z9", "-:.+%_#*?!(),=@$'", String(repeating: "x", count: 128)] {
      #expect(DeviceAddress.isValid(good))
    }
    for bad in ["", "a b", "a/b", "é", "a\0", "a\"b", "a;b", "~", String(repeating: "x", count: 129)] {
      #expect(!DeviceAddress.isValid(bad))
      #expect(!DeviceAddress(device: "a", module: bad).isValid)
    }
  }

  @Test func identifiersDifferByCase() {
    #expect(DeviceAddress(device: "a") != DeviceAddress(device: "A"))
    #expect(DeviceAddress(device: "a", module: "b") != DeviceAddress(device: "a"))
    #expect("\(DeviceAddress(device: "a", module: "b"))" == "a/b")
  }

  @Test func keysHaveSixteenToSixtyFourBytes() {
    func isValid(_ key: String) -> Bool {
      Authentication.symmetricKey(primary: key, secondary: Authentication.newKey()).isValid
    }
    #expect(Authentication.newKeys().isValid)
    #expect(Authentication.newKeys() != Authentication.newKeys())
    // 16, 15, 64 and 65 bytes.
    #expect(isValid("AAAAAAAAAAAAAAAAAAAAAA=="))
    #expect(!isValid("AAAAAAAAAAAAAAAAAAAA"))
    #expect(isValid(String(repeating: "A", count: 84) + "AA=="))
    #expect(!isValid(String(repeating: "A", count: 84) + "AAA="))
    #expect(!isValid("no base64, but long enough"))
  }

  @Test func thumbprintsAreHexadecimal() {
    func isValid(_ primary: String?, _ secondary: String?) -> Bool {
      Authentication.selfSigned(primaryThumbprint: primary, secondaryThumbprint: secondary).isValid
    }
    let short = String(repeating: "aF", count: 20), long = String(repeating: "09", count: 32)
    #expect(isValid(short, nil) && isValid(nil, long) && isValid(long, short))
    #expect(
      !isValid(nil, nil) && !isValid(short, "") && !isValid("g" + short.dropFirst(), nil) && !isValid(short + "a", nil))
  }
}

#endif
