import CMote
import MoteBytes
import MoteHub
import Testing

/// Every malformed connection string is refused with its reason.
struct ConnectionStringRefusalTests {
  private static let good = "HostName=h.net;DeviceId=d;SharedAccessKey=" + Key.bytes16

  @Test(
    "An item without =, or with an empty name or value",
    arguments: [
      ";", ";;", good + ";;", ";" + good, "HostName=h;;DeviceId=d;x509=true", "HostName", "HostName=h;DeviceId",
      "HostName=", "=h", "=", "==", good + ";x", good + ";GatewayHostName=", good + ";=",
      "HostName=h;DeviceId=;x509=true",
      good + "; ", " ", good + ";GatewayHostName=;",
    ])
  func item(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_ITEM) }

  @Test(
    "A name that no device's connection string has",
    arguments: [
      good + ";Foo=bar", "hostname=h;DeviceId=d;x509=true", "HostName =h", " HostName=h", "HostName=h; DeviceId=d",
      good + ";X509=true", good + ";SharedAccessKeyNam=x", good + ";SharedAccessKeyNames=x", good + ";DeviceID=x",
      good + ";SharedAccessSignature=x", "\u{0}=x", "é=x", "HostNam=h", "HostNameX=h",
    ])
  func key(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_KEY) }

  @Test(
    "The same name twice, even with the same value",
    arguments: [
      good + ";HostName=h.net", good + ";DeviceId=e", good + ";SharedAccessKey=" + Key.bytes16,
      "HostName=h;DeviceId=d;ModuleId=m;ModuleId=m;x509=true", "HostName=h;DeviceId=d;x509=true;x509=true",
      good + ";GatewayHostName=a;GatewayHostName=b", "x509=True;x509=no",
    ])
  func duplicate(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_DUPLICATE) }

  @Test(
    "A service's policy",
    arguments: [
      "HostName=h.net;SharedAccessKeyName=iothubowner;SharedAccessKey=" + Key.bytes16,
      good + ";SharedAccessKeyName=device",
    ])
  func policy(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_POLICY) }

  @Test(
    "No host name, or none that is one",
    arguments: [
      "", "DeviceId=d;SharedAccessKey=" + Key.bytes16, "HostName=https://h.net;DeviceId=d;x509=true",
      "HostName=h.net:8883;DeviceId=d;x509=true", "HostName=h net;DeviceId=d;x509=true",
      "HostName=h/;DeviceId=d;x509=true", "HostName=h_h;DeviceId=d;x509=true", "HostName=hüb.net;DeviceId=d;x509=true",
      "HostName=h\u{0};DeviceId=d;x509=true", "HostName=h\n;DeviceId=d;x509=true",
    ])
  func host(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_HOST) }

  @Test(
    "No device, or a character that its identifier may not have",
    arguments: [
      "HostName=h;SharedAccessKey=" + Key.bytes16, "HostName=h;DeviceId=a b;x509=true",
      "HostName=h;DeviceId=a/b;x509=true",
      "HostName=h;DeviceId=a&b;x509=true", "HostName=h;DeviceId=é;x509=true", "HostName=h;DeviceId=a\\;x509=true",
      "HostName=h;DeviceId=\u{0};x509=true", "HostName=h;DeviceId=~;x509=true",
    ])
  func device(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_DEVICE) }

  @Test("A module with such a character", arguments: ["a b", "a/b", "é", "<m>"])
  func module(_ name: String) {
    #expect(refusal(Self.good + ";ModuleId=" + name)?.code == MOTE_ERROR_CONNECTION_STRING_MODULE)
  }

  @Test(
    "A key that is not base64 of 16 to 64 bytes",
    arguments: [
      "x", "MDEyMzQ1Njc4OWFiY2RlZg=", "MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZg===", "MDEyMzQ1Njc4OWFiY2RlZh==",
      "MDEyMzQ1Njc4OWFi Y2RlZg==", "MDEyMzQ1Njc4OWFiY2Rl_g==", "MDEyMzQ1Njc4OWFiY2Rl-g==", "AAAA", "====",
      "MDEyMzQ1Njc4OWFiY2RlZg==MDEyMzQ1Njc4OWFiY2RlZg==", "=MDEyMzQ1Njc4OWFiY2RlZg=",
    ])
  func secret(_ key: String) {
    #expect(
      refusal("HostName=h;DeviceId=d;SharedAccessKey=" + key)?.code == MOTE_ERROR_CONNECTION_STRING_SECRET)
  }

  @Test(
    "Neither key nor certificate, or both, or a certificate that is no certificate",
    arguments: [
      "HostName=h;DeviceId=d", good + ";x509=true", "HostName=h;DeviceId=d;x509=false", "HostName=h;DeviceId=d;x509=1",
      "HostName=h;DeviceId=d;x509=TRUE", "HostName=h;DeviceId=d;x509=true ", good + ";x509=false",
    ])
  func credential(_ text: String) { #expect(refusal(text)?.code == MOTE_ERROR_CONNECTION_STRING_CREDENTIAL) }

  @Test("A gateway that is no host name", arguments: ["a b", "https://edge", "edge:8883", "a_b", "é"])
  func gateway(_ name: String) {
    #expect(refusal(Self.good + ";GatewayHostName=" + name)?.code == MOTE_ERROR_CONNECTION_STRING_GATEWAY)
  }
}
