import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// What the hub says of a refusal, in both of its forms, and in pieces of any size.
struct HubProblemTests {
  private func problem(_ text: String, step: Int = .max) -> (code: Int32, tracking: String) {
    var problem = HubProblem()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = Memory(Array(rest.prefix(step)))
      problem.take(piece.region.bytes)
      rest = rest.dropFirst(step)
    }
    let tracking = (0..<Int(problem.trackingCount)).map { problem.tracking[$0] }
    return (problem.code, String(decoding: tracking, as: UTF8.self))
  }

  static let id = "d6c9e2f4a0b14c5f8a7e6d5c4b3a2910"

  static let texts: [(text: String, code: Int32, tracking: String)] = [
    (
      #"{"errorCode":404001,"trackingId":"d6c9e2f4a0b14c5f8a7e6d5c4b3a2910-G:3-TimeStamp:11/23/2026","message":"x"}"#,
      404_001, id + "-G"
    ),
    (#"{ "trackingId" : "d6c9e2f4a0b14c5f8a7e6d5c4b3a2910", "errorCode" : 429001 }"#, 429_001, id),
    (
      #"{"Message":"ErrorCode:DeviceNotFound;Device not found","ExceptionMessage":"Tracking ID:d6c9e2f4-G:1-TimeStamp:…"}"#,
      0, "d6c9e2f4-G"
    ),
    (#"{"errorCode":401003,"errorCode":404001}"#, 401_003, ""),
    (#"{"errorCode":"404001"}"#, 0, ""),
    (#"{"errorCode":-1}"#, 0, ""),
    (#"{"errorCode":99999999999999999999}"#, 999_999_999, ""),
    (#"{"trackingId":"0123456789012345678901234567890123456789X"}"#, 0, "0123456789012345678901234567890123456789"),
    ("", 0, ""), ("<html>503</html>", 0, ""), (#"{"errorCode":"#, 0, ""),
  ]

  @Test("Each, in pieces of each size", arguments: texts.indices)
  func each(_ index: Int) {
    let (text, code, tracking) = HubProblemTests.texts[index]
    for step in Array(1...12) + [.max] {
      let found = problem(text, step: step)
      #expect(found.code == code && found.tracking == tracking, "\(text) by \(step): \(found)")
    }
  }
}
