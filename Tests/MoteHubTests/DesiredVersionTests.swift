import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// Where a twin's document has its version (protocol.md, 9.1).
struct DesiredVersionTests {
  private static let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)

  @Test(
    "It is the number directly in `desired`",
    arguments: [
      (#"{"desired":{"telemetrySendFrequency":"5m","$version":3},"reported":{"batteryLevel":55,"$version":7}}"#, 3),
      (#"{"reported":{"$version":7},"desired":{"$version":3}}"#, 3),
      (#"{ "desired" : { "$version" : 12 } }"#, 12), ("{\"desired\"\n:\t{\"$version\"\r\n:12\n}}", 12),
      (#"{"desired":{"a":{"$version":5},"$version":3}}"#, 3), (#"{"desired":{"a":{"$version":5}}}"#, 0),
      (#"{"desired":{"a":[{"$version":5}],"b":[1,2,"$version"],"$version":3}}"#, 3),
      (#"{"desired":{"a":"$version","b":7,"$version":3}}"#, 3), (#"{"a":"desired","b":{"$version":3}}"#, 0),
      (#"{"a":{"desired":{"$version":3}}}"#, 0), (#"{"desired":5,"a":{"$version":3}}"#, 0),
      (#"{"desired":{"a":"\"$version\":9","$version":3}}"#, 3), (#"{"desired":{"a\"":1,"$version":3}}"#, 3),
      (#"{"desired":{"\\":1,"$version":3}}"#, 3), (#"{"desired":{"\\\"$version":1,"$version":3}}"#, 3),
      (#"{"desired":{"$versio":1,"$versions":2,"version":4,"":5}}"#, 0), (#"{"desire":{"$version":3}}"#, 0),
      (#"{"desired":{"$version":2147483639}}"#, 0), (#"{"desired":{"$version":2147483629}}"#, 2_147_483_629),
      (#"{"desired":{"$version":99999999999999999999}}"#, 0), (#"{"desired":{"$version":3.5}}"#, 0),
      (#"{"desired":{"$version":3e5}}"#, 0), (#"{"desired":{"$version":-3}}"#, 0),
      (#"{"desired":{"$version":"3"}}"#, 0),
      (#"{"desired":{"$version":null}}"#, 0), (#"{"desired":{"$version":[3]}}"#, 0),
      (#"{"desired":{"$version":0}}"#, 0),
      (#"{"desired":{"$version":1,"$version":3}}"#, 3), (#"{"desired":{"a":\#(deep),"$version":3}}"#, 0),
      (#"{"desired":{"$version":3},"a":\#(deep)}"#, 3), (#"{"desired":{"a":true,"$version":3,"b":false}}"#, 3),
      ("", 0), ("{", 0), (#"{"desired""#, 0), (#"{"desired":{"$version":"#, 0), (#"{"desired":{"$version":31"#, 31),
      ("]]]}}}", 0), ("\"", 0), (#"{"desired":{"$version":3"#, 3),
    ] as [(String, UInt32)])
  func versions(_ document: String, _ version: UInt32) {
    let bytes = Array(document.utf8)
    for step in [bytes.count + 1, 1, 2, 3, 7] {
      var found = DesiredVersion()
      for start in stride(from: 0, to: bytes.count, by: step) {
        let piece = Array(bytes[start..<min(start + step, bytes.count)])
        found.take(piece.span)
      }
      #expect(found.number == version, "\(document) in steps of \(step)")
    }
  }
}
