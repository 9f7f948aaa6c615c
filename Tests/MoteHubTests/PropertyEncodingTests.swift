import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// The bag of `list`, or nil when it does not fit; and how long it is.
func bag(_ list: [([UInt8], [UInt8]?)], capacity: Int = 16_384) -> (text: String?, count: Int) {
  let memory = Memory(capacity)
  var writer = Writer(memory.region)
  for (place, property) in list.enumerated() {
    if let value = property.1 {
      writer.appendProperty(property.0.span, value.span, isFirst: place == 0)
    } else {
      writer.appendProperty(property.0.span, nil, isFirst: place == 0)
    }
  }
  return (writer.fits ? writer.written.text : nil, writer.count)
}

func bag(_ list: [(String, String?)]) -> String? {
  bag(list.map { (Array($0.0.utf8), $0.1.map { Array($0.utf8) }) }).text
}

/// Writing a bag (protocol.md, 6).
struct PropertyEncodingTests {
  @Test("The example topic")
  func example() throws {
    let device = try Device("HostName=h;DeviceId=dev1;x509=true")
    let list = [("$.mid", "42"), ("$.ct", "application/json"), ("$.ce", "utf-8"), ("alert", "true")]
    let topic = device.text { (writer, identity) in
      writer.appendTelemetryTopic(of: identity)
      for (place, property) in list.enumerated() {
        writer.appendProperty(Array(property.0.utf8).span, Array(property.1.utf8).span, isFirst: place == 0)
      }
    }
    #expect(
      topic == "devices/dev1/messages/events/%24.mid=42&%24.ct=application%2Fjson&%24.ce=utf-8&alert=true")
  }

  @Test(
    "Names and values are encoded; an absent value is not an empty one",
    arguments: [
      ([("k", "v")], "k=v"), ([("k", nil)], "k"), ([("k", "")], "k="),
      ([("a", nil), ("b", ""), ("c", "d")], "a&b=&c=d"),
      ([("a&b=c", "d&e=f")], "a%26b%3Dc=d%26e%3Df"),
      ([("$.ct", "application/json;charset=utf-8")], "%24.ct=application%2Fjson%3Bcharset%3Dutf-8"),
      ([("é", "€ 5")], "%C3%A9=%E2%82%AC%205"), ([("a+b", "100%")], "a%2Bb=100%25"), ([("~-._", "~-._")], "~-._=~-._"),
      ([], ""),
    ] as [([(String, String?)], String)])
  func known(_ list: [(String, String?)], _ expected: String) { #expect(bag(list) == expected) }

  @Test("A bag that does not fit tells its length")
  func room() {
    let list = [(Array("é".utf8), Array("a b".utf8)), (Array("x".utf8), nil)]
    let length = "%C3%A9=a%20b&x".utf8.count
    for capacity in 0..<length {
      let (text, count) = bag(list, capacity: capacity)
      #expect(text == nil)
      #expect(count == length)
    }
    #expect(bag(list, capacity: length).text == "%C3%A9=a%20b&x")
  }
}
