#if Tools

import Foundation
import MoteHubEmulator
import Testing

struct TwinTests {
  let start = Date(timeIntervalSince1970: 1_700_000_000)

  @Test func aNewTwinIsEmpty() {
    let twin = Twin(now: start)
    #expect(twin.deviceJSON.text == #"{"desired":{"$version":1},"reported":{"$version":1}}"#)
    #expect(twin.etag == "AAAAAAAAAAE=")
    #expect(
      twin.serviceProperties.text
        == #"{"desired":{"$metadata":{"$lastUpdated":"2023-11-14T22:13:20.0000000Z","$lastUpdatedVersion":1},"$version":1},"#
        + #""reported":{"$metadata":{"$lastUpdated":"2023-11-14T22:13:20.0000000Z"},"$version":1}}"#)
  }

  // The cases of RFC 7396, appendix A, that have an object on both sides.
  @Test(
    arguments: [
      (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
      (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
      (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
      (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
      (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1}"#),
      ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
  func aPatchIsMerged(original: String, patch: String, result: String) throws {
    var twin = Twin(now: start)
    try twin.patchReported(JSON.parse(original.utf8))
    try twin.patchReported(JSON.parse(patch.utf8))
    #expect(twin.reported.properties == (try JSON.parse(result.utf8).object))
    #expect(twin.reported.version == 3)
    #expect(twin.desired.version == 1)
    #expect(twin.version == 4)
    #expect(twin.etag == "AAAAAAAAAAE=")
  }

  @Test func aDeviceIsToldWhatChanges() throws {
    var twin = Twin(now: start)
    try twin.patchDesired(["a": 1, "b": ["c": 2, "d": [3]]])
    let patch = try #require(try twin.update(TwinUpdate(desired: ["b": ["c": nil], "e": "f"])))
    #expect(twin.notification(of: patch).text == #"{"b":{"c":null},"e":"f","$version":3}"#)
    #expect(
      twin.deviceJSON.text == #"{"desired":{"a":1,"b":{"d":[3]},"e":"f","$version":3},"reported":{"$version":1}}"#)
    #expect(twin.etag == "AAAAAAAAAAM=")
  }

  @Test func aReplacementIsToldAsAPatch() throws {
    var twin = Twin(now: start)
    try twin.patchDesired(["keep": 1, "change": ["in": 1, "out": 2], "gone": true])
    try twin.patchTags(["site": "roof", "floor": 3])
    let patch = try #require(
      try twin.update(
        TwinUpdate(tags: ["floor": 4], desired: ["keep": 1, "change": ["in": 5], "not": nil], replaces: true)))
    #expect(patch == ["change": ["in": 5, "out": nil], "gone": nil])
    #expect(twin.desired.properties == ["keep": 1, "change": ["in": 5]])
    #expect(twin.tags == ["floor": 4])
    #expect(twin.desired.version == 3)
  }

  @Test func theTimesOfChangesAreKept() throws {
    var twin = Twin(now: start)
    try twin.patchDesired(["a": 1, "b": ["c": 2]], now: start + 1)
    try twin.patchDesired(["b": ["d": 3], "a": nil], now: start + 2.5)
    func stamp(_ time: String, _ version: Int64) -> JSON.Object {
      ["$lastUpdated": .string("2023-11-14T22:13:\(time)Z"), "$lastUpdatedVersion": .integer(version)]
    }
    var expected = stamp("22.5000000", 3), b = stamp("22.5000000", 3)
    b["c"] = .object(stamp("21.0000000", 2))
    b["d"] = .object(stamp("22.5000000", 3))
    expected["b"] = .object(b)
    #expect(twin.desired.metadata == expected)
  }

  @Test func versionsAndMetadataAreNotTheSendersToSet() throws {
    var twin = Twin(now: start)
    try twin.patchReported(["a": 1, "$version": 77, "$metadata": ["x": 1]])
    #expect(twin.deviceJSON["reported"] == ["a": 1, "$version": 2])
  }

  private func nested(_ levels: Int) -> JSON { (0..<levels).reduce(1) { value, _ in ["n": value] } }

  @Test func whatIsAtTheLimitIsTaken() throws {
    var twin = Twin(now: start)
    // Ten levels below the section.
    try twin.patchReported(["deep": nested(10)])
    try twin.patchReported(["n": -4_503_599_627_370_496, "m": 4_503_599_627_370_495])
    try twin.patchReported([
      String(repeating: "k", count: 1024): nil, "v": .string(String(repeating: "v", count: 4096)),
    ])
    var full: JSON.Object = [:]
    for index in 0..<8 { full["\(index)"] = .string(String(repeating: "x", count: 4095)) }
    try twin.patchDesired(.object(full))
    for index in 2..<8 { full["\(index)"] = nil }
    full["0"] = .string(String(repeating: "x", count: 4096))
    full["1"] = .string(String(repeating: "x", count: 4094))
    try twin.patchTags(.object(full))
  }

  @Test func whatIsBeyondALimitIsRefusedAndChangesNothing() throws {
    var big: JSON.Object = [:]
    for index in 0..<8 { big["\(index)"] = .string(String(repeating: "x", count: 4095)) }
    big["0"] = .string(String(repeating: "x", count: 4096))
    let refused: [JSON] = [
      1, [], nil, "text", ["deep": nested(11)], ["deep": [[[[[[[[[[[1]]]]]]]]]]]],
      ["n": -4_503_599_627_370_497], ["n": 4_503_599_627_370_496], ["a": ["n": [4_503_599_627_370_496]]],
      [String(repeating: "k", count: 1025): 1], ["": 1], ["a.b": 1], ["a b": 1], ["$a": 1], ["a": ["$b": 1]],
      ["a\u{7F}": 1],
      ["a": ["\u{1}": 1]], ["list": [["a.b": 1]]], ["v": .string(String(repeating: "v", count: 4097))],
      ["v": .array([.string(String(repeating: "é", count: 1024)), .string(String(repeating: "v", count: 2049))])],
      .object(big),
    ]
    for patch in refused {
      var twin = Twin(now: start)
      let before = twin
      for section in [\TwinUpdate.tags, \.desired] {
        var update = TwinUpdate()
        update[keyPath: section] = patch
        let error = #expect(throws: HubError.self, "\(patch)") { try twin.update(update) }
        #expect(error?.status == 400 && error?.name == "ArgumentInvalid")
      }
      #expect(throws: HubError.self) { try twin.patchReported(patch) }
      #expect(throws: HubError.self) { try twin.update(TwinUpdate(tags: ["good": 1], desired: patch)) }
      #expect(twin == before)
    }
    var twin = Twin(now: start)
    try twin.patchReported(["fits": .string(String(repeating: "x", count: 4000))])
    #expect(throws: HubError.self) { try twin.patchTags(["a": .object(big)]) }
    big["0"] = nil
    big["1"] = nil
    try twin.patchReported(.object(big))
    #expect(throws: HubError.self, "together they are too much") {
      try twin.patchReported([
        "more": .string(String(repeating: "x", count: 4096)), "and": .string(String(repeating: "x", count: 100)),
      ])
    }
  }
}

#endif
