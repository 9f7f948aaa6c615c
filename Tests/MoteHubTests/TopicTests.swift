import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// Names and topics (protocol.md, 5.2, 5.3, 5.5, 6 and 7). Identifiers are never encoded in them.
struct TopicTests {
  private static let punctuation = "a-b:c.d%f_g*i?j!k(l),m=n@o$p'q"

  private func device(_ name: String, module: String? = nil, gateway: String? = nil) throws -> Device {
    try Device(
      "HostName=contoso.azure-devices.net;DeviceId=\(name);x509=true" + (module.map { ";ModuleId=\($0)" } ?? "")
        + (gateway.map { ";GatewayHostName=\($0)" } ?? ""))
  }

  @Test(
    "User name",
    arguments: [
      ("dev1", nil, "contoso.azure-devices.net/dev1/?api-version=2021-04-12"),
      ("dev1", "mod", "contoso.azure-devices.net/dev1/mod/?api-version=2021-04-12"),
      (punctuation, nil, "contoso.azure-devices.net/\(punctuation)/?api-version=2021-04-12"),
    ] as [(String, String?, String)])
  func userName(_ name: String, _ module: String?, _ expected: String) throws {
    #expect(try device(name, module: module).text { $0.appendUserName(of: $1) } == expected)
  }

  @Test("The user name tells product and model, encoded (protocol.md, 5.2 and 22)")
  func announced() throws {
    let product = Memory(Array("mysdk/0.1".utf8))
    let model = Memory(Array("dtmi:com:example:Thermostat;1".utf8))
    let start = "contoso.azure-devices.net/dev1/?api-version=2021-04-12"
    let text = try device("dev1").text { writer, identity in
      var announced = identity
      announced.model = model.region
      writer.appendUserName(of: announced)
      writer.append(UInt8(ascii: " "))
      announced.product = product.region
      writer.appendUserName(of: announced)
    }
    #expect(
      text
        == "\(start)&model-id=dtmi%3Acom%3Aexample%3AThermostat%3B1 "
        + "\(start)&DeviceClientType=mysdk%2F0.1&model-id=dtmi%3Acom%3Aexample%3AThermostat%3B1")
  }

  @Test("Behind a gateway the user name is still the hub's")
  func gateway() throws {
    let text = try device("d", gateway: "edge.local").text { $0.appendUserName(of: $1) }
    #expect(text == "contoso.azure-devices.net/d/?api-version=2021-04-12")
  }

  @Test(
    "Client identifier",
    arguments: [("dev1", nil, "dev1"), ("dev1", "mod", "dev1/mod"), (punctuation, "+#", punctuation + "/+#")]
      as [(String, String?, String)])
  func clientIdentifier(_ name: String, _ module: String?, _ expected: String) throws {
    #expect(try device(name, module: module).text { $0.appendClientIdentifier(of: $1) } == expected)
  }

  @Test(
    "Telemetry's topic ends with a slash, with and without properties",
    arguments: [
      ("dev1", nil, "devices/dev1/messages/events/"),
      ("dev1", "modA", "devices/dev1/modules/modA/messages/events/"),
      ("a%2Fb", nil, "devices/a%2Fb/messages/events/"),
    ] as [(String, String?, String)])
  func telemetry(_ name: String, _ module: String?, _ expected: String) throws {
    #expect(try device(name, module: module).text { $0.appendTelemetryTopic(of: $1) } == expected)
  }

  @Test(
    "The filter of cloud-to-device messages, with a wildcard for an identifier that would be one",
    arguments: [
      ("dev1", "devices/dev1/messages/devicebound/#"),
      (punctuation, "devices/\(punctuation)/messages/devicebound/#"),
      ("a+b", "devices/+/messages/devicebound/#"),
      ("a#b", "devices/+/messages/devicebound/#"),
      ("+", "devices/+/messages/devicebound/#"),
      ("#", "devices/+/messages/devicebound/#"),
      ("a#+", "devices/+/messages/devicebound/#"),
      (String(repeating: "x", count: 127) + "#", "devices/+/messages/devicebound/#"),
    ])
  func filter(_ name: String, _ expected: String) throws {
    #expect(try device(name).text { $0.appendDeviceBoundFilter(of: $1) } == expected)
  }

  @Test("What does not fit tells its length; a wildcard's is the wildcard's", arguments: ["dev1", "a+b"])
  func room(_ name: String) throws {
    let device = try device(name)
    let writes: [(inout Writer, Identity) -> Void] = [
      { $0.appendUserName(of: $1) }, { $0.appendTelemetryTopic(of: $1) }, { $0.appendClientIdentifier(of: $1) },
      { $0.appendDeviceBoundFilter(of: $1) },
    ]
    for write in writes {
      let length = try #require(device.text(write)).utf8.count
      // The identifier that gives way to a wildcard needs no room in the end, but has been tried.
      for capacity in 0..<length {
        let written = device.written(capacity: capacity) {
          write(&$0, $1)
          return true
        }
        #expect(written == Written(text: nil, count: length, succeeded: true))
      }
    }
  }
}
