#if Tools

import Foundation
import Testing

@testable import MoteHubEmulator

/// Tokens of protocol.md 3.5, which the Python SDK and OpenSSL agree on.
struct SharedAccessSignatureTests {
  static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  static let published =
    "SharedAccessSignature sr=MyExampleHub.azure-devices.net%2Fdevices%2Fmy-symkey-device&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=1663119026"
  static let publishedKey = "18RQk/hOPJR9EbsJlk2j8WA6vWaj/yi+oaYg7zmxfQNdOyMSu+SJ8O7TSlZhDJCYmn4rzEiVKIzNiVAWjLxrGA=="
  static let punctuation =
    "SharedAccessSignature sr=myhub.azure-devices.net%2Fdevices%2Fa-b%3Ac.d%2Be%25f_g%23h%2Ai%3Fj%21k%28l%29%2Cm%3Dn%40o%24p%27q&sig=OpXafJQTb1VYET16c5lVqlNOUghsiohZGhkVRxKF%2BjI%3D&se=1767225600"

  @Test func publishedSample() throws {
    let signature = try #require(SharedAccessSignature(Self.published))
    #expect(signature.isSigned(with: [Self.publishedKey]))
    #expect(signature.isSigned(with: [Self.key, Self.publishedKey]))
    #expect(!signature.isSigned(with: [Self.key]) && !signature.isSigned(with: []) && !signature.isSigned(with: [""]))
    #expect(signature.expiry == Date(timeIntervalSince1970: 1_663_119_026) && signature.policy == nil)
    #expect(signature.covers(host: "myexamplehub.azure-devices.NET", path: ["devices", "my-symkey-device"]))
  }

  @Test func everyPunctuationMark() throws {
    let signature = try #require(SharedAccessSignature(Self.punctuation))
    #expect(signature.isSigned(with: [Self.key]))
    #expect(signature.covers(host: "myhub.azure-devices.net", path: ["devices", "a-b:c.d+e%f_g#h*i?j!k(l),m=n@o$p'q"]))
  }

  /// The signature is over the text as it was sent: azure-sdk-for-c writes escapes in lower case.
  @Test func encodingAsTransmitted() throws {
    let token =
      "SharedAccessSignature sr=0ne00111111%2fregistrations%2fmy-symkey-device&sig=6GqlY2Tr8xDlSYE04oQcdEH7vznSt2LcTUobz9BmpAY%3D&se=1663952627&skn=registration"
    let signature = try #require(SharedAccessSignature(token))
    #expect(signature.isSigned(with: [Self.publishedKey]) && signature.policy == "registration")
    let changed = try #require(SharedAccessSignature(token.replacingOccurrences(of: "%2f", with: "%2F")))
    #expect(!changed.isSigned(with: [Self.publishedKey]))
  }

  @Test func fieldsInAnyOrder() throws {
    let parts = Self.published.dropFirst("SharedAccessSignature ".count).split(separator: "&")
    let token = "SharedAccessSignature " + parts.reversed().joined(separator: "&")
    #expect(try #require(SharedAccessSignature(token)).isSigned(with: [Self.publishedKey]))
  }

  @Test func made() {
    let expiry = Date(timeIntervalSince1970: 1_767_225_600)
    #expect(
      SharedAccessSignature.token(
        for: "myhub.azure-devices.net/devices/dev1/modules/modA", key: Self.key, expiry: expiry)
        == "SharedAccessSignature sr=myhub.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2FmodA&sig=kb9QidJTnEKdV2pWt8AoyovHjiJSu34p%2FanxkKX3Yug%3D&se=1767225600"
    )
    #expect(SharedAccessSignature.token(for: "a", key: "not base64!", expiry: expiry) == nil)
  }

  @Test(arguments: [
    "", "SharedAccessSignature", "SharedAccessSignature ", "Bearer sr=a&sig=b&se=1",
    "SharedAccessSignature sr=a&se=1", "SharedAccessSignature sr=a&sig=AAAA&se=1",
    "SharedAccessSignature sr=a&sr=b&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=1",
    "SharedAccessSignature sr=a&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=-1",
    "SharedAccessSignature sr=a&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=+1",
    "SharedAccessSignature sr=a&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=99999999999999999999",
    "SharedAccessSignature sr=%zz&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=1",
  ])
  func noToken(_ text: String) { #expect(SharedAccessSignature(text) == nil) }

  /// By whole segments: `/a/b` is above `/a/b/c`, and not above `/a/bc`.
  @Test func whatItCovers() throws {
    func covers(_ resource: String, _ path: [String]) throws -> Bool {
      let token = try #require(SharedAccessSignature.token(for: resource, key: Self.key, expiry: .now))
      return try #require(SharedAccessSignature(token)).covers(host: "hub", path: path)
    }
    #expect(try covers("hub/devices/a", ["devices", "a"]))
    #expect(try covers("hub/devices/a", ["devices", "a", "modules", "m"]))
    #expect(try covers("hub", ["devices", "a"]))
    #expect(try !covers("hub/devices/a", ["devices", "ab"]))
    #expect(try !covers("hub/devices/A", ["devices", "a"]))
    #expect(try !covers("hub/devices/a/modules/m", ["devices", "a"]))
    #expect(try !covers("other/devices/a", ["devices", "a"]))
    #expect(try !covers("hub/devices/a/", ["devices", "a"]))
  }

  @Test func whenItEnds() throws {
    let signature = try #require(SharedAccessSignature(Self.published))
    let expiry = signature.expiry
    #expect(signature.end(now: expiry - 60) == expiry)
    #expect(signature.end(now: expiry + 60) == expiry + 300)
    #expect(signature.end(now: expiry + 300) == nil)
  }
}

#endif
