#if Tools

import Foundation
import Testing

@testable import MoteHubEmulator

struct EventStreamTests {
  let stream = EventStream()
  let address = DeviceAddress(device: "dev1", module: "m")

  @Test func aSlowReaderHearsHowManyItMissed() throws {
    var calls = 0
    let reader = stream.subscribe { calls += 1 }
    for _ in 0..<1_003 { stream.publish(.connected(protocol: "mqtt"), of: address) }
    #expect(calls == 1)
    // What comes when there is room again stands behind what was missed.
    #expect(reader.next()?.event.sequence == 1)
    stream.publish(.connected(protocol: "mqtt"), of: address)
    for sequence: UInt64 in 2...1_000 { #expect(reader.next()?.event.sequence == sequence) }
    guard case .missed(4)? = reader.next()?.event.kind else {
      Issue.record("not told")
      return
    }
    #expect(reader.next() == nil)
    stream.publish(.connected(protocol: "mqtt"), of: address)
    #expect(calls == 2 && reader.next()?.event.sequence == 1_005)
    stream.remove(reader)
    stream.publish(.connected(protocol: "mqtt"), of: address)
    #expect(calls == 2 && reader.next() == nil && stream.count == 1_006)
  }

  @Test func bodiesAreBoundedToo() throws {
    let reader = stream.subscribe {}
    for _ in 0..<17 { stream.publish(.telemetry(Telemetry(body: Array(repeating: 0, count: 255 << 10))), of: address) }
    var bodies = 0
    while case .telemetry? = reader.next()?.event.kind { bodies += 1 }
    #expect(bodies == 16)
  }

  /// The time apart, which is its own.
  private func text(_ kind: HubEvent.Kind) -> String {
    HubEvent(sequence: 7, time: Date(timeIntervalSince1970: 1_795_420_800.5), address: address, kind: kind).json.text
  }

  @Test func inJSON() {
    let head = #"{"sequence":7,"time":"2026-11-23T08:00:00.500Z","kind":""#, whose = #"","device":"dev1","module":"m""#
    var message = Telemetry(body: Array("hé".utf8))
    message.systemProperties = [.init("messageId", "1")]
    message.properties = [.init("a", nil), .init("b", "")]
    #expect(
      text(.telemetry(message))
        == head + "telemetry" + whose
        + #","systemProperties":{"messageId":"1"},"properties":{"a":null,"b":""},"body":"hé"}"#)
    message.body = [0xFF]
    #expect(text(.telemetry(message)).hasSuffix(#""bodyBase64":"/w=="}"#))
    #expect(text(.disconnected(reason: "x")) == head + "disconnected" + whose + #","reason":"x"}"#)
    #expect(
      text(.method(.answered(name: "m", requestId: "1", status: 200, payload: nil)))
        == head + "method" + whose + #","stage":"answered","name":"m","requestId":"1","status":200}"#)
    #expect(
      text(.twin(.desired, version: 3, patch: ["a": nil], isReplaced: false))
        == head + "twin" + whose + #","section":"desired","version":3,"patch":{"a":null}}"#)
    #expect(text(.missed(count: 2)).hasSuffix(#""count":2}"#))
  }
}

#endif
