import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// protocol.md, 25: bytes of another implementation, so that the encoder cannot be right by its own measure only.
struct VectorTests {
  private static let user = "myhub.azure-devices.net/dev1/?api-version=2021-04-12"
  private static let sas = """
    10 62 00 04 4d 51 54 54 04 c0 00 f0 00 04 64 65 76 31 00 34 6d 79 68 75 62 2e 61 7a 75 72 65 2d 64 65 76 69 63 65 73
    2e 6e 65 74 2f 64 65 76 31 2f 3f 61 70 69 2d 76 65 72 73 69 6f 6e 3d 32 30 32 31 2d 30 34 2d 31 32 00 1a 53 68 61 72
    65 64 41 63 63 65 73 73 53 69 67 6e 61 74 75 72 65 20 73 72 3d 78
    """
  private static let will = """
    10 6a 00 04 4d 51 54 54 04 8c 00 f0 00 04 64 65 76 31 00 1d 64 65 76 69 63 65 73 2f 64 65 76 31 2f 6d 65 73 73 61 67
    65 73 2f 65 76 65 6e 74 73 2f 00 03 62 79 65 00 34
    """
  private static let provisioning = """
    10 47 00 04 4d 51 54 54 04 82 00 1e 00 04 72 65 67 31 00 35 30 6e 65 30 30 30 30 30 30 30 30 2f 72 65 67 69 73 74 72
    61 74 69 6f 6e 73 2f 72 65 67 31 2f 61 70 69 2d 76 65 72 73 69 6f 6e 3d 32 30 31 39 2d 30 33 2d 33 31
    """

  /// What leaves when CONNECT holds these fields.
  private func connect(_ flags: ConnectFlags, _ keepAliveSeconds: Int, _ fields: [String]) throws -> [UInt8] {
    let bench = Bench(keepAliveSeconds: keepAliveSeconds)
    var writer = bench.session.composeConnect(flags)
    for field in fields {
      let field = Array(field.utf8)
      writer.appendField(field.span)
    }
    try bench.session.connect(writer, flags, now: 0)
    return bench.transmit()
  }

  @Test("CONNECT with a token")
  func connectToken() throws {
    let bytes = try connect(.userName | .password, 240, ["dev1", VectorTests.user, "SharedAccessSignature sr=x"])
    #expect(bytes == hex(VectorTests.sas))
    #expect(bytes.count == 100)
  }

  @Test("CONNECT with a certificate, and so without a password")
  func connectCertificate() throws {
    var expected = Array(hex(VectorTests.sas).prefix(72))
    expected[1] = 0x46
    expected[9] = 0x80
    #expect(try connect(.userName, 240, ["dev1", VectorTests.user]) == expected)
  }

  @Test("CONNECT with a will")
  func connectWill() throws {
    let bytes = try connect(
      .userName | .will | .willQualityOfService1, 240,
      ["dev1", "devices/dev1/messages/events/", "bye", VectorTests.user])
    #expect(bytes == hex(VectorTests.will) + Array(VectorTests.user.utf8))
    #expect(bytes.count == 108)
  }

  @Test("CONNECT to the provisioning service")
  func connectProvisioning() throws {
    let bytes = try connect(
      .userName | .cleanSession, 30, ["reg1", "0ne00000000/registrations/reg1/api-version=2019-03-31"])
    #expect(bytes == hex(VectorTests.provisioning))
    #expect(bytes.count == 73)
  }

  @Test("SUBSCRIBE with three filters")
  func subscribe() throws {
    let filters = ["$iothub/methods/POST/#", "$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#"]
    let bench = Bench()
    try bench.connect()
    #expect(try bench.subscribe(filters) == 1)
    let lengths = [hex("00 16"), hex("00 12"), hex("00 27")]
    let body = zip(lengths, filters).map { $0 + Array($1.utf8) + [0] }.reduce([], +)
    let bytes = bench.transmit()
    #expect(bytes == hex("82 5a 00 01") + body)
    #expect(bytes.count == 92)
    #expect(
      bytes.starts(
        with: hex("82 5a 00 01 00 16 24 69 6f 74 68 75 62 2f 6d 65 74 68 6f 64 73 2f 50 4f 53 54 2f 23 00 00 12")))
  }

  @Test("UNSUBSCRIBE has its identifier and filters without a quality of service")
  func unsubscribe() throws {
    let bench = Bench()
    try bench.connect()
    #expect(try bench.unsubscribe(["a/b", "c"]) == 1)
    #expect(bench.transmit() == hex("a2 0a 00 01 00 03 61 2f 62 00 01 63"))
  }

  @Test("Telemetry at quality of service 1 with properties in its topic")
  func telemetry() throws {
    let topic = "devices/dev1/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&k=v"
    let bench = Bench()
    try bench.connect()
    try bench.subscribe(["x"])
    _ = bench.transmit()
    #expect(try bench.publish(topic, Array("{\"t\":21.5}".utf8)) == 2)
    let bytes = bench.transmit()
    #expect(bytes == hex("32 55 00 47") + Array(topic.utf8) + hex("00 02 7b 22 74 22 3a 32 31 2e 35 7d"))
    #expect(bytes.count == 87)
  }

  @Test(
    "Twin and method messages at quality of service 0",
    arguments: [
      (
        "$iothub/twin/GET/?$rid=1", "",
        "30 1a 00 18 24 69 6f 74 68 75 62 2f 74 77 69 6e 2f 47 45 54 2f 3f 24 72 69 64 3d 31"
      ),
      (
        "$iothub/twin/PATCH/properties/reported/?$rid=2", "{\"a\":1}",
        """
        30 37 00 2e 24 69 6f 74 68 75 62 2f 74 77 69 6e 2f 50 41 54 43 48 2f 70 72 6f 70 65 72 74 69 65 73 2f 72 65 70 6f
        72 74 65 64 2f 3f 24 72 69 64 3d 32 7b 22 61 22 3a 31 7d
        """
      ),
      (
        "$iothub/methods/res/200/?$rid=7", "{}",
        """
        30 23 00 1f 24 69 6f 74 68 75 62 2f 6d 65 74 68 6f 64 73 2f 72 65 73 2f 32 30 30 2f 3f 24 72 69 64 3d 37 7b 7d
        """
      ),
    ])
  func atMostOnce(_ topic: String, _ payload: String, _ expected: String) throws {
    let bench = Bench()
    try bench.connect()
    #expect(try bench.publish(topic, Array(payload.utf8), .none) == 0)
    #expect(bench.transmit() == hex(expected))
  }

  @Test("Registering with the provisioning service, and polling it")
  func provisioning() throws {
    let register = "$dps/registrations/PUT/iotdps-register/?$rid=1"
    let poll = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=1&operationId=4.abc"
    let bench = Bench()
    try bench.connect()
    try bench.subscribe(["$dps/registrations/res/#"])
    _ = bench.transmit()
    try bench.publish(register, Array("{\"registrationId\":\"reg1\"}".utf8))
    let first = bench.transmit()
    #expect(
      first == hex("32 4b 00 2e") + Array(register.utf8) + hex("00 02") + Array("{\"registrationId\":\"reg1\"}".utf8))
    #expect(first.count == 77)
    try bench.publish(poll)
    let second = bench.transmit()
    #expect(second == hex("32 4f 00 4b") + Array(poll.utf8) + hex("00 03"))
    #expect(second.count == 81)
  }

  @Test("PINGREQ, PUBACK and DISCONNECT")
  func small() throws {
    let bench = Bench()
    try bench.connect()
    try bench.receive(Server.message("a", identifier: 0x1234))
    #expect(bench.transmit() == hex("40 02 12 34"))
    bench.now += 240_000
    #expect(bench.transmit() == hex("c0 00"))
    try bench.session.disconnect()
    #expect(bench.transmit() == hex("e0 00"))
  }
}
