import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// The tokens of protocol.md, 3.5, byte for byte.
struct TokenTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    var name: String
    var connectionString: String
    var expiry: UInt64
    var token: String
    var testDescription: String { name }
  }

  static let vectors = [
    Vector(
      name: "A",
      connectionString: "HostName=MyExampleHub.azure-devices.net;DeviceId=my-symkey-device;SharedAccessKey="
        + "18RQk/hOPJR9EbsJlk2j8WA6vWaj/yi+oaYg7zmxfQNdOyMSu+SJ8O7TSlZhDJCYmn4rzEiVKIzNiVAWjLxrGA==",
      expiry: 1_663_119_026,
      token: "SharedAccessSignature sr=MyExampleHub.azure-devices.net%2Fdevices%2Fmy-symkey-device"
        + "&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=1663119026"),
    Vector(
      name: "B",
      connectionString: "HostName=myhub.azure-devices.net;DeviceId=dev1;ModuleId=modA;SharedAccessKey=" + Key.bytes32,
      expiry: 1_767_225_600,
      token: "SharedAccessSignature sr=myhub.azure-devices.net%2Fdevices%2Fdev1%2Fmodules%2FmodA"
        + "&sig=kb9QidJTnEKdV2pWt8AoyovHjiJSu34p%2FanxkKX3Yug%3D&se=1767225600"),
    Vector(
      name: "C",
      connectionString: "HostName=myhub.azure-devices.net;DeviceId=a-b:c.d+e%f_g#h*i?j!k(l),m=n@o$p'q;SharedAccessKey="
        + Key.bytes32,
      expiry: 1_767_225_600,
      token: "SharedAccessSignature sr=myhub.azure-devices.net%2Fdevices%2F"
        + "a-b%3Ac.d%2Be%25f_g%23h%2Ai%3Fj%21k%28l%29%2Cm%3Dn%40o%24p%27q"
        + "&sig=OpXafJQTb1VYET16c5lVqlNOUghsiohZGhkVRxKF%2BjI%3D&se=1767225600"),
    Vector(
      name: "F",
      connectionString: "HostName=contoso.azure-devices.net;DeviceId=pi-zero-01;SharedAccessKey=" + Key.bytes64,
      expiry: 2_000_000_000,
      token: "SharedAccessSignature sr=contoso.azure-devices.net%2Fdevices%2Fpi-zero-01"
        + "&sig=%2BBJxEmfjD5mAd4RLHy%2B4w%2FMgbye864DlTNCuCeXX4Xw%3D&se=2000000000"),
    Vector(
      name: "G",
      connectionString: "HostName=contoso.azure-devices.net;DeviceId=pi-zero-01;SharedAccessKey=" + Key.bytes16,
      expiry: 2_000_000_000,
      token: "SharedAccessSignature sr=contoso.azure-devices.net%2Fdevices%2Fpi-zero-01"
        + "&sig=jOyT4WadqC8iHEf7Z6bUE3q0bIefBdlHaRzAexlzvxk%3D&se=2000000000"),
  ]

  @Test("Vectors", arguments: vectors)
  func known(_ vector: Vector) throws {
    let written = try Device(vector.connectionString).token(vector.expiry)
    #expect(written.text == vector.token)
    #expect(written.count == vector.token.utf8.count)
  }

  @Test("Their lengths", arguments: zip(vectors.prefix(3), [151, 149, 190]))
  func length(_ vector: Vector, _ length: Int) throws {
    #expect(try Device(vector.connectionString).token(vector.expiry).count == length)
  }

  @Test("The expiry changes the signature, and stands in decimal", arguments: [0, 9, 10, 1_767_225_601, UInt64.max])
  func expiry(_ expiry: UInt64) throws {
    let vector = TokenTests.vectors[1]
    let token = try #require(try Device(vector.connectionString).token(expiry).text)
    #expect(token.hasSuffix("%3D&se=\(expiry)"))
    #expect(token.prefix(120) != vector.token.prefix(120))
  }

  @Test("The host keeps its case, and a gateway is not in it")
  func host() throws {
    let device = try Device(
      "GatewayHostName=edge.local;HostName=MyHub.azure-devices.net;DeviceId=D;SharedAccessKey=" + Key.bytes32)
    let token = try #require(device.token(1_767_225_600).text)
    #expect(token.hasPrefix("SharedAccessSignature sr=MyHub.azure-devices.net%2Fdevices%2FD&sig="))
  }

  @Test("It goes behind what the writer holds already")
  func behind() throws {
    let vector = TokenTests.vectors[0]
    let written = try Device(vector.connectionString).written { (writer, identity) in
      writer.append("before ")
      return writer.appendToken(for: identity, signer: Signer(key: identity.key), expiry: vector.expiry)
    }
    #expect(written.text == "before " + vector.token)
  }

  @Test(
    "A key that is none does not sign",
    arguments: ["", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "####", String(repeating: "AAAA", count: 22)])
  func keys(_ key: String) throws {
    let memory = Memory(Array(key.utf8))
    let written = try Device(TokenTests.vectors[0].connectionString).written { (writer, identity) in
      writer.appendToken(for: identity, signer: Signer(key: memory.region), expiry: 1)
    }
    #expect(!written.succeeded)
  }
}
