import MoteBytes
import MoteHub
import Testing

/// Which topics are cloud-to-device messages of this device, and where their properties start.
struct DeviceBoundTests {
  private func device(_ name: String = "dev1") throws -> Device {
    try Device("HostName=h;DeviceId=\(name);x509=true")
  }

  @Test(
    "What follows the slash is the bag",
    arguments: [
      "", "?", "a=b", "%24.mid=a1&%24.to=%2Fdevices%2Fdev1%2Fmessages%2FdeviceBound&iothub-ack=full&color=red",
      "/a", "#", "devices/dev1/messages/devicebound/",
    ])
  func bag(_ bag: String) throws {
    #expect(try device().bag("devices/dev1/messages/devicebound/" + bag) == bag)
  }

  @Test(
    "Any other topic is none",
    arguments: [
      "", "d", "devices", "devices/", "devices/dev1", "devices/dev1/messages/devicebound",
      "devices/dev2/messages/devicebound/",
      "devices/dev/messages/devicebound/", "devices/dev11/messages/devicebound/", "devices/Dev1/messages/devicebound/",
      "Devices/dev1/messages/devicebound/", "devices/dev1/messages/deviceBound/", "devices/dev1/messages/events/a=b",
      "/devices/dev1/messages/devicebound/", "devices/dev1/modules/m/messages/devicebound/",
      "devices/dev1//messages/devicebound/",
      "$iothub/methods/POST/a/?$rid=1", "devices/dev1/messages/deviceboundX", "devices%2Fdev1/messages/devicebound/",
    ])
  func other(_ topic: String) throws { #expect(try device().bag(topic) == nil) }

  @Test("Every shorter topic is none, and reads nothing behind its end")
  func short() throws {
    let device = try device()
    let topic = "devices/dev1/messages/devicebound/"
    for count in 0..<topic.utf8.count { #expect(device.bag(String(topic.prefix(count))) == nil) }
    #expect(device.bag(topic) == "")
  }

  @Test("Every single wrong byte is noticed")
  func wrong() throws {
    let device = try device()
    let topic = Array("devices/dev1/messages/devicebound/".utf8)
    for place in topic.indices {
      var bytes = topic
      bytes[place] ^= 1
      #expect(device.bag(String(decoding: bytes, as: UTF8.self)) == nil, "\(place)")
    }
  }

  @Test("With a wildcard in the filter, another device's message is still another's", arguments: ["a+b", "#", "+"])
  func wildcard(_ name: String) throws {
    let device = try device(name)
    #expect(device.bag("devices/\(name)/messages/devicebound/k=v") == "k=v")
    #expect(device.bag("devices/dev1/messages/devicebound/k=v") == nil)
    #expect(device.bag("devices/+x/messages/devicebound/k=v") == nil)
  }
}
