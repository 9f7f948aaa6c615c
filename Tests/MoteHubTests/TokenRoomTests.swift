import MoteBytes
import MoteHub
import Testing

/// A token that does not fit says how much room it needs, and touches nothing else.
struct TokenRoomTests {
  @Test("Exactly its length is enough", arguments: TokenTests.vectors)
  func exactly(_ vector: TokenTests.Vector) throws {
    let device = try Device(vector.connectionString)
    let length = vector.token.utf8.count
    #expect(device.token(vector.expiry, capacity: length).text == vector.token)
    #expect(device.token(vector.expiry, capacity: length - 1).text == nil)
  }

  @Test("The room told is never too little, nor more than the longest signature needs", arguments: TokenTests.vectors)
  func needed(_ vector: TokenTests.Vector) throws {
    let device = try Device(vector.connectionString)
    let length = vector.token.utf8.count
    for capacity in 0..<length {
      let written = device.token(vector.expiry, capacity: capacity)
      #expect(written.succeeded && written.text == nil)
      #expect(written.count >= length && written.count <= length + 132 - 46, "\(capacity): \(written.count)")
      #expect(device.token(vector.expiry, capacity: written.count).text == vector.token)
    }
  }

  @Test("Identifiers of 128 punctuation marks each need no more than protocol.md says")
  func longest() throws {
    let name = String(repeating: "%", count: 128)
    let device = try Device(
      "HostName=h.net;DeviceId=\(name);ModuleId=\(name);SharedAccessKey=\(Key.bytes64)")
    let token = try #require(device.token(1_767_225_600).text)
    let encoded = String(repeating: "%25", count: 128)
    #expect(token.hasPrefix("SharedAccessSignature sr=h.net%2Fdevices%2F\(encoded)%2Fmodules%2F\(encoded)&sig="))
    #expect(token.utf8.count <= 22 + 3 + 3 * (5 + 9 + 128 + 9 + 128) + 5 + 132 + 4 + 10)
  }
}
