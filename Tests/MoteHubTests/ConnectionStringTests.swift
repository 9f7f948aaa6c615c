import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// What a connection string says (protocol.md, 1).
struct ConnectionStringTests {
  @Test("A device with a key")
  func device() throws {
    let device = try Device("HostName=hub.azure-devices.net;DeviceId=dev1;SharedAccessKey=" + Key.bytes32)
    #expect(device.host == "hub.azure-devices.net")
    #expect(device.name == "dev1")
    #expect(device.module == "")
    #expect(device.key == Key.bytes32)
    #expect(device.gateway == "")
    #expect(device.peer == "hub.azure-devices.net")
    #expect(!device.identity.usesCertificate)
  }

  @Test("A module")
  func module() throws {
    let device = try Device("HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=" + Key.bytes16)
    #expect(device.name == "d")
    #expect(device.module == "m")
  }

  @Test("A device with a certificate", arguments: ["true", "True"])
  func certificate(_ value: String) throws {
    let device = try Device("HostName=h;DeviceId=d;x509=\(value)")
    #expect(device.identity.usesCertificate)
    #expect(device.key == "")
  }

  @Test("With a gateway, that is where it connects")
  func gateway() throws {
    let device = try Device("HostName=h.net;DeviceId=d;x509=true;GatewayHostName=edge.local")
    #expect(device.host == "h.net")
    #expect(device.gateway == "edge.local")
    #expect(device.peer == "edge.local")
  }

  @Test("The order does not matter, nor does a semicolon at the end")
  func order() throws {
    let items = ["HostName=h", "DeviceId=d", "ModuleId=m", "SharedAccessKey=" + Key.bytes16, "GatewayHostName=g"]
    for place in 0..<items.count {
      let turned = items[place...] + items[..<place]
      for end in ["", ";"] {
        let device = try Device(turned.joined(separator: ";") + end)
        let parts = [device.host, device.name, device.module, device.key, device.gateway]
        #expect(parts == ["h", "d", "m", Key.bytes16, "g"])
      }
    }
  }

  @Test("Only the first = divides: keys end in it, and identifiers may hold it")
  func equals() throws {
    let device = try Device("HostName=h;DeviceId==a=b=;ModuleId===;SharedAccessKey=" + Key.bytes16)
    #expect(device.name == "=a=b=")
    #expect(device.module == "==")
    #expect(device.key.hasSuffix("=="))
  }

  @Test("Identifiers hold every legal punctuation mark", arguments: Array("-:.+%_#*?!(),=@$'"))
  func punctuation(_ mark: Character) throws {
    for name in ["\(mark)", "a\(mark)b", "\(mark)\(mark)"] {
      let device = try Device("HostName=h;DeviceId=\(name);ModuleId=\(name);x509=true")
      #expect(device.name == name)
      #expect(device.module == name)
    }
  }

  @Test("Identifiers hold these bytes and no others")
  func everyByte() {
    let legal = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:.+%_#*?!(),=@$'".utf8)
    for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ";") {
      #expect(
        refusal(bytes: Array("HostName=h;x509=true;DeviceId=a".utf8) + [byte])
          == (legal.contains(byte) ? nil : .connectionStringDevice))
      #expect(
        refusal(bytes: Array("HostName=h;x509=true;DeviceId=d;ModuleId=a".utf8) + [byte])
          == (legal.contains(byte) ? nil : .connectionStringModule))
    }
  }

  @Test("Host names hold these bytes and no others")
  func hostBytes() {
    let legal = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.".utf8)
    for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ";") {
      #expect(
        refusal(bytes: Array("DeviceId=d;x509=true;HostName=a".utf8) + [byte])
          == (legal.contains(byte) ? nil : .connectionStringHost))
      #expect(
        refusal(bytes: Array("HostName=h;DeviceId=d;x509=true;GatewayHostName=a".utf8) + [byte])
          == (legal.contains(byte) ? nil : .connectionStringGateway))
    }
  }

  @Test(
    "Identifiers have at most 128 characters, host names 253",
    arguments: [("DeviceId", 128), ("ModuleId", 128), ("HostName", 253), ("GatewayHostName", 253)])
  func lengths(_ key: String, _ limit: Int) {
    let reasons: [String: Failure] = [
      "DeviceId": .connectionStringDevice, "ModuleId": .connectionStringModule, "HostName": .connectionStringHost,
      "GatewayHostName": .connectionStringGateway,
    ]
    let rest = ["HostName=h", "DeviceId=d", "x509=true"].filter { !$0.hasPrefix(key) }.joined(separator: ";")
    for (count, expected) in [(1, nil), (limit, nil), (limit + 1, reasons[key]), (70_000, reasons[key])] {
      #expect(refusal("\(rest);\(key)=" + String(repeating: "a", count: count)) == expected, "\(count)")
    }
  }

  @Test(
    "Keys have 16 to 64 bytes",
    arguments: [
      (1, false), (15, false), (16, true), (17, true), (32, true), (63, true), (64, true), (65, false), (66, false),
      (300, false),
    ])
  func keys(_ count: Int, _ isKey: Bool) {
    let memory = Memory(1_024)
    var writer = Writer(memory.region)
    writer.appendBase64([UInt8](repeating: 0xAB, count: count).span)
    #expect(
      refusal("HostName=h;DeviceId=d;SharedAccessKey=" + writer.written.text)
        == (isKey ? nil : .connectionStringSecret))
  }
}
