import CMote
import MoteC
import Testing

/// mote_client_* as C calls it.
struct HandleTests {
  @Test("Every malformed connection string is refused with its number")
  func strings() throws {
    for (string, status) in [
      ("HostName=h;DeviceId=d;x509=true", MOTE_OK), ("HostName", MOTE_ERROR_CONNECTION_STRING_ITEM),
      ("A=b", MOTE_ERROR_CONNECTION_STRING_KEY), ("HostName=h;HostName=h", MOTE_ERROR_CONNECTION_STRING_DUPLICATE),
      ("SharedAccessKeyName=o", MOTE_ERROR_CONNECTION_STRING_POLICY), ("", MOTE_ERROR_CONNECTION_STRING_HOST),
      ("HostName=h", MOTE_ERROR_CONNECTION_STRING_DEVICE),
      ("HostName=h;DeviceId=d;ModuleId=/", MOTE_ERROR_CONNECTION_STRING_MODULE),
      ("HostName=h;DeviceId=d;SharedAccessKey=x", MOTE_ERROR_CONNECTION_STRING_SECRET),
      ("HostName=h;DeviceId=d", MOTE_ERROR_CONNECTION_STRING_CREDENTIAL),
      ("HostName=h;DeviceId=d;x509=true;GatewayHostName=/", MOTE_ERROR_CONNECTION_STRING_GATEWAY),
    ] {
      #expect(try Handle(string).status == status, "\(string)")
    }
  }

  @Test("What cannot be is refused")
  func arguments() throws {
    #expect(try Handle(oddity: .size).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .noString).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .negativeLength).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .noPort).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .noTLS).status == MOTE_ERROR_NO_TLS)
    #expect(try Handle(oddity: .endpointLength).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .portNumber(65_536)).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .receives(2)).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .receives(-1)).status == MOTE_ERROR_ARGUMENT)
    #expect(try Handle(oddity: .receives(1)).status == MOTE_OK)
  }

  @Test("A client that was not initialised, or whose initialisation failed, does nothing")
  func uninitialised() throws {
    let handle = try Handle("")
    let results = [
      handle.useMQTT(), handle.connect(), handle.disconnect(), handle.poll()[0], handle.send(), handle.hold(),
      handle.accept(), handle.lastError(),
    ]
    #expect(results == [Int32](repeating: MOTE_ERROR_NOT_INITIALISED, count: 8))
    #expect(handle.sizeNeeded == 0)
    #expect(handle.port.calls == [])
  }

  @Test("Without MQTT it says so; MQTT is used once")
  func useMQTT() throws {
    let handle = try Handle()
    #expect(handle.connect() == MOTE_ERROR_MQTT_NOT_USED)
    #expect(handle.send() == MOTE_ERROR_MQTT_NOT_USED)
    #expect(handle.disconnect() == MOTE_ERROR_STATE)
    #expect(handle.useMQTT(receiving: 127) == MOTE_ERROR_ARGUMENT)
    #expect(handle.useMQTT(window: 1) == MOTE_OK)
    #expect(handle.useMQTT() == MOTE_ERROR_STATE)
    #expect(handle.connect() == MOTE_OK)
    #expect(handle.poll()[0] == 0)
    #expect(handle.connect() == MOTE_ERROR_STATE)
    #expect(handle.useMQTT() == MOTE_ERROR_STATE)
  }

  @Test("Messages have tokens above zero in turn; a property without a name is refused")
  func messages() throws {
    let handle = try Handle()
    #expect(handle.useMQTT() == MOTE_OK)
    #expect((1...3).map { _ in handle.send() } == [1, 2, 3])
    #expect(handle.send(properties: [("a", "b"), ("", "c")]) == MOTE_ERROR_PROPERTY)
    #expect(handle.send(properties: [("a", nil), ("$.ct", "application/json")]) == 4)
    #expect(handle.send([UInt8](repeating: 0, count: 600)) == MOTE_ERROR_TOO_LARGE)
    #expect(handle.sizeNeeded > 600 && handle.sizeNeeded < 700)
    #expect(handle.send([UInt8](repeating: 0, count: 262_145)) == MOTE_ERROR_TOO_LARGE)
    #expect(handle.hold() == MOTE_ERROR_STATE)
    #expect(handle.accept() == MOTE_ERROR_STATE)
  }

  @Test("A signer that keeps the key needs none in the connection string")
  func signer() throws {
    let handle = try Handle("HostName=h;DeviceId=d", oddity: .signs)
    #expect(handle.status == MOTE_OK)
  }
}
