#if Tools

import Foundation
import MoteHubEmulator
import NIOCore
import NIOEmbedded
import Testing

/// The service's API as its clients see it: bytes in, bytes out.
struct ServiceAPITests {
  let service: TestService

  init() throws { service = try TestService() }

  private func device(_ name: String = "dev1") throws -> JSON {
    try service.put("/devices/\(name)", ["deviceId": .string(name), "status": "enabled"]).expect(200)
  }

  @Test func aDeviceIsMadeReadChangedAndRemoved() throws {
    let keys: JSON = ["primaryKey": "c2VjcmV0IHNlY3JldCBzZWNyZXQ=", "secondaryKey": "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI="]
    let made = try service.put(
      "/devices/dev1?api-version=2021-04-12",
      ["deviceId": "dev1", "status": "enabled", "authentication": ["type": "sas", "symmetricKey": keys]])
    let json = try made.expect(200)
    #expect(json["deviceId"] == "dev1" && json["status"] == "enabled" && json["statusReason"] == .null)
    #expect(json["authentication"]?["symmetricKey"] == keys && json["authentication"]?["type"] == "sas")
    #expect(json["connectionState"] == "Disconnected" && json["lastActivityTime"] == "0001-01-01T00:00:00Z")
    #expect(json["capabilities"] == ["iotEdge": false] && json["cloudToDeviceMessageCount"] == 0)
    let etag = try #require(json["etag"]?.string)
    #expect(made.header("ETag") == "\"\(etag)\"")
    #expect(try service.get("/devices/dev1").expect(200) == json)

    let change: JSON = ["deviceId": "dev1", "status": "disabled", "statusReason": "lost"]
    #expect(try service.put("/devices/dev1", change, ["If-Match": "\"other\""]).expect(412)["errorCode"] == 412_001)
    let changed = try service.put("/devices/dev1", change, ["If-Match": "\"\(etag)\""]).expect(200)
    #expect(changed["status"] == "disabled" && changed["statusReason"] == "lost" && changed["etag"]?.string != etag)
    #expect(changed["authentication"]?["symmetricKey"] == keys, "keys that are not given stay")
    #expect(changed["generationId"] == json["generationId"])

    #expect(try service.put("/devices/dev1", change).expect(409)["errorCode"] == 409_001)
    #expect(try service.delete("/devices/dev1", ["If-Match": "\"\(etag)\""]).status == 412)
    #expect(try service.delete("/devices/dev1", ["If-Match": "*"]).status == 204)
    #expect(try service.get("/devices/dev1").expect(404)["errorCode"] == 404_001)
    #expect(try service.delete("/devices/dev1").status == 404)
    #expect(try service.put("/devices/dev1", change, ["If-Match": "*"]).status == 404)
  }

  @Test func credentialsAreOfThreeKinds() throws {
    let made = try device()["authentication"]
    let primary = try #require(made?["symmetricKey"]?["primaryKey"]?.string)
    #expect(Data(base64Encoded: primary)?.count == 32 && made?["symmetricKey"]?["secondaryKey"]?.string != primary)
    let thumbprint = String(repeating: "0A", count: 32)
    let signed = try service.put(
      "/devices/signed",
      ["authentication": ["type": "selfSigned", "x509Thumbprint": ["primaryThumbprint": .string(thumbprint)]]]
    ).expect(200)
    #expect(
      signed["authentication"] == [
        "type": "selfSigned", "symmetricKey": ["primaryKey": nil, "secondaryKey": nil],
        "x509Thumbprint": ["primaryThumbprint": .string(thumbprint), "secondaryThumbprint": nil],
      ])
    let vouched = try service.put("/devices/ca", ["authentication": ["type": "certificateAuthority"]]).expect(200)
    #expect(vouched["authentication"]?["type"] == "certificateAuthority")
    for bad: JSON in [
      ["type": "other"], ["type": 1], ["type": "selfSigned"], ["symmetricKey": ["primaryKey": "short"]],
      ["symmetricKey": ["primaryKey": 1]],
      ["type": "selfSigned", "x509Thumbprint": ["primaryThumbprint": "xyz"]],
    ] {
      #expect(try service.put("/devices/bad", ["authentication": bad]).expect(400)["errorCode"] == 400_004, "\(bad)")
    }
  }

  @Test func whatMakesNoDeviceIsRefused() throws {
    for bad: JSON in [
      1, [], ["deviceId": "other"], ["moduleId": "m"], ["status": "off"], ["status": true], ["deviceId": 1],
    ] {
      #expect(try service.put("/devices/dev1", bad).status == 400, "\(bad)")
    }
    #expect(try service.put("/devices/a%20b", [:]).status == 400)
    #expect(try service.put("/devices/a%2Fb", [:]).status == 400)
    #expect(try service.put("/devices/" + String(repeating: "x", count: 129), [:]).status == 400)
    #expect(try service.request("PUT", "/devices/dev1", body: "{").expect(400)["errorCode"] == 400_006)
    let odd = "-:.+%_#*?!(),=@$'"
    let made = try service.put("/devices/-:.+%25_%23*%3F!(),=@$'", ["deviceId": .string(odd)]).expect(200)
    #expect(made["deviceId"] == .string(odd))
  }

  @Test func modulesBelongToADevice() throws {
    #expect(try service.put("/devices/dev1/modules/m1", [:]).expect(404)["errorCode"] == 404_001)
    _ = try device()
    let made = try service.put("/devices/dev1/modules/m1", ["deviceId": "dev1", "moduleId": "m1", "managedBy": "me"])
      .expect(200)
    #expect(
      made["moduleId"] == "m1" && made["deviceId"] == "dev1" && made["managedBy"] == "me" && made["status"] == nil)
    #expect(try service.get("/devices/dev1/modules").expect(200) == [made])
    #expect(try service.get("/devices/dev1/modules/m2").expect(404)["errorCode"] == 404_010)
    #expect(try service.put("/devices/dev1/modules/m1", [:]).expect(409)["errorCode"] == 409_301)
    #expect(try service.delete("/devices/dev1/modules/m1").status == 204)
    #expect(try service.get("/devices/dev1/modules").expect(200) == [])
    #expect(try service.get("/devices/other/modules").status == 404)
  }

  @Test func devicesAreListedAndCounted() throws {
    for name in ["b", "a", "c"] { _ = try device(name) }
    _ = try service.put("/devices/c", ["status": "disabled"], ["If-Match": "*"])
    func names(_ path: String) throws -> [String?]? {
      try service.get(path).expect(200).array?.map { $0["deviceId"]?.string }
    }
    #expect(try names("/devices") == ["a", "b", "c"])
    #expect(try names("/devices?top=2") == ["a", "b"])
    #expect(try names("/devices?top=2&after=a") == ["b", "c"])
    #expect(try names("/devices?top=0") == ["a", "b", "c"])
    #expect(
      try service.get("/statistics/devices").expect(200)
        == ["totalDeviceCount": 3, "enabledDeviceCount": 2, "disabledDeviceCount": 1])
    let link = TestLink(DeviceAddress(device: "a"))
    service.hub.attach(link)
    #expect(try service.get("/statistics/service").expect(200) == ["connectedDeviceCount": 1])
    #expect(try service.get("/devices/a").expect(200)["connectionState"] == "Connected")
    let status = try service.get("/emulator/status").expect(200)
    #expect(status["hostName"] == "hub.example" && status["devices"] == 3 && status["connectedDevices"] == 1)
  }

  @Test func severalAreChangedInOneRequest() throws {
    _ = try device("old")
    let answer = try service.request(
      "POST", "/devices",
      [
        ["id": "new", "importMode": "create", "status": "disabled", "tags": ["site": "roof"]],
        ["id": "old", "importMode": "updateTwin", "properties": ["desired": ["a": 1]]],
        ["id": "old", "moduleId": "m", "importMode": "create"],
      ]
    ).expect(200)
    #expect(answer == ["isSuccessful": true, "errors": [], "warnings": []])
    #expect(try service.get("/twins/new").expect(200)["tags"] == ["site": "roof"])
    #expect(try service.get("/twins/old").expect(200)["properties"]?["desired"]?["a"] == 1)
    let refused = try service.request(
      "POST", "/devices",
      [
        ["id": "old", "importMode": "create"], ["id": "none", "importMode": "delete"],
        ["id": "old", "importMode": "deleteIfMatchETag", "eTag": "x"],
        ["id": "new", "importMode": "delete"], ["id": "a b"], ["id": "old", "importMode": "other"], [:],
      ]
    ).expect(400)
    #expect(refused["isSuccessful"] == false)
    #expect(
      refused["errors"]?.array?.map { $0["errorCode"]?.string } == [
        "DeviceAlreadyExists", "DeviceNotFound", "PreconditionFailed", "ArgumentInvalid", "ArgumentInvalid",
        "ArgumentInvalid",
      ])
    #expect(try service.get("/devices/new").status == 404, "what was right has been done")
    #expect(try service.request("POST", "/devices", .array(Array(repeating: [:], count: 101))).status == 400)
  }

  @Test func aTwinIsReadPatchedAndReplaced() throws {
    _ = try device()
    let fresh = try service.get("/twins/dev1")
    #expect(try fresh.expect(200)["etag"] == "AAAAAAAAAAE=" && fresh.header("ETag") == "\"AAAAAAAAAAE=\"")
    let link = TestLink(DeviceAddress(device: "dev1"))
    service.hub.attach(link)
    let patched = try service.request(
      "PATCH", "/twins/dev1", ["tags": ["site": "roof"], "properties": ["desired": ["a": 1, "b": ["c": true]]]],
      ["If-Match": "\"AAAAAAAAAAE=\""]
    ).expect(200)
    #expect(patched["tags"] == ["site": "roof"] && patched["version"] == 3 && patched["etag"] == "AAAAAAAAAAI=")
    #expect(
      patched["connectionState"] == "Connected" && patched["authenticationType"] == "sas"
        && patched["status"] == "enabled")
    let desired = try #require(patched["properties"]?["desired"])
    #expect(
      desired["a"] == 1 && desired["$version"] == 2 && desired["$metadata"]?["b"]?["c"]?["$lastUpdatedVersion"] == 2)
    #expect(link.notifications == [["a": 1, "b": ["c": true], "$version": 2]])
    #expect(try service.request("PATCH", "/twins/dev1", ["tags": [:]], ["If-Match": "AAAAAAAAAAE="]).status == 412)
    #expect(
      try service.request("PATCH", "/twins/dev1", ["properties": ["desired": ["a.b": 1]]]).expect(400)["errorCode"]
        == 400_004)
    // What was read can be sent back, changed.
    let replaced = try service.put(
      "/twins/dev1", ["properties": ["desired": ["b": ["c": true], "$version": 2, "$metadata": [:]]]]
    ).expect(200)
    #expect(replaced["properties"]?["desired"]?["a"] == nil && replaced["tags"] == ["site": "roof"])
    #expect(link.notifications.last == ["a": nil, "$version": 3])
    _ = try service.hub.patchReported(["r": 7], of: DeviceAddress(device: "dev1"))
    #expect(try service.get("/twins/dev1").expect(200)["properties"]?["reported"]?["r"] == 7)
    #expect(try service.get("/twins/other").status == 404)
    #expect(try service.request("PATCH", "/twins/dev1", body: "[]").status == 400)
  }

  @Test func aMethodIsInvoked() throws {
    _ = try device()
    let request: JSON = ["methodName": "m", "payload": ["x": [1, nil]], "responseTimeoutInSeconds": 5]
    #expect(try service.request("POST", "/twins/dev1/methods", request).expect(404)["errorCode"] == 404_103)
    let link = TestLink(DeviceAddress(device: "dev1"))
    service.hub.attach(link)
    let pending = try service.begin("POST", "/twins/dev1/methods", request)
    let call = try #require(link.calls.last)
    #expect(call.name == "m" && call.payload == ["x": [1, nil]])
    service.hub.answer(call.requestId, status: 418, payload: Array("[\"tea\"]".utf8), from: link.address)
    #expect(try pending.answer().expect(200) == ["status": 418, "payload": ["tea"]])
    let late = try service.begin("POST", "/twins/dev1/methods", request)
    service.loop.advanceTime(by: .seconds(5))
    #expect(try late.answer().expect(504)["errorCode"] == 504_101)
    for bad: JSON in [
      [:], ["methodName": 1], ["methodName": "m", "responseTimeoutInSeconds": 4],
      ["methodName": "m", "responseTimeoutInSeconds": 301],
      ["methodName": "m", "connectTimeoutInSeconds": 301], ["methodName": "m", "connectTimeoutInSeconds": "1"],
      ["methodName": "a/b"],
    ] {
      #expect(try service.request("POST", "/twins/dev1/methods", bad).status == 400, "\(bad)")
    }
    #expect(try service.request("POST", "/twins/other/methods", request).expect(404)["errorCode"] == 404_001)
  }

  @Test func aMessageIsQueued() throws {
    _ = try device()
    let path = "/emulator/devices/dev1/messages"
    let queued = try service.request(
      "POST", path,
      [
        "body": "hi", "messageId": "m1", "correlationId": "c", "userId": "u", "contentType": "t",
        "contentEncoding": "utf-8",
        "ack": "full", "timeToLive": 60, "properties": ["a": "1", "none": nil],
      ]
    ).expect(201)
    #expect(queued["messageId"] == "m1" && queued["sequenceNumber"]?.integer != nil)
    #expect(try service.request("POST", path, ["bodyBase64": "AP8="]).status == 201)
    let messages = try service.hub.store.messages(for: DeviceAddress(device: "dev1"))
    let message = messages[0]
    #expect(messages.map(\.body) == [Array("hi".utf8), [0, 255]])
    #expect(message.properties == [.init("a", "1"), .init("none", nil)] && message.acknowledgement == .full)
    #expect(
      message.correlationId == "c" && message.userId == "u" && message.contentType == "t"
        && message.contentEncoding == "utf-8")
    #expect(
      message.expiry == message.enqueuedTime + 60
        || abs((message.expiry ?? .now).timeIntervalSince(message.enqueuedTime) - 60) < 5)
    #expect(try service.get(path).expect(200).array?.map { $0["messageId"] ?? .null } == ["m1", .null])
    #expect(try service.get("/devices/dev1").expect(200)["cloudToDeviceMessageCount"] == 2)
    for bad: JSON in [
      1, ["body": 1], ["body": "a", "bodyBase64": "AA=="], ["bodyBase64": "?"], ["ack": "some"], ["expiry": "tomorrow"],
      ["timeToLive": 0],
      ["timeToLive": 172_801], ["expiry": "2001-01-01T00:00:00Z"], ["properties": []], ["properties": ["a": 1]],
      ["properties": ["$.mid": "x"]],
      ["properties": ["iothub-ack": "x"]], ["properties": ["": "x"]], ["messageId": ""], ["messageId": "a b"],
      ["bodi": "x"],
    ] {
      #expect(try service.request("POST", path, bad).status == 400, "\(bad)")
    }
    #expect(try service.request("POST", path, ["body": .string(String(repeating: "x", count: 65_537))]).status == 413)
    #expect(try service.request("POST", "/emulator/devices/other/messages", [:]).status == 404)
    #expect(try service.delete("/devices/dev1/commands").expect(200)["totalMessagesPurged"] == 2)
    for _ in 0..<50 { #expect(try service.request("POST", path, [:]).status == 201) }
    #expect(try service.request("POST", path, [:]).expect(403)["errorCode"] == 403_004)
  }

  @Test func feedbackIsTakenInBatches() throws {
    _ = try device()
    let path = "/messages/serviceBound/feedback"
    #expect(try service.get(path).status == 204)
    let address = DeviceAddress(device: "dev1")
    for id in ["m1", "m2"] {
      let queued = try service.request(
        "POST", "/emulator/devices/dev1/messages", ["messageId": .string(id), "ack": "full"]
      ).expect(201)
      try service.hub.store.complete(try #require(queued["sequenceNumber"]?.integer))
    }
    let batch = try service.get(path), records = try batch.expect(200)
    #expect(records.array?.map { $0["originalMessageId"] ?? .null } == ["m1", "m2"])
    #expect(
      records.array?.first?["statusCode"] == "Success" && records.array?.first?["deviceId"] == .string(address.device))
    #expect(batch.header("Content-Type") == "application/vnd.microsoft.iothub.feedback.json")
    let token = try #require(batch.header("ETag")).trimmingCharacters(in: ["\""])
    #expect(try service.get(path).status == 204, "it is locked")
    #expect(try service.request("POST", "\(path)/\(token)/abandon", body: "").status == 204)
    #expect(try service.delete("\(path)/\(token)").expect(412)["errorCode"] == 412_002)
    let again = try service.get(path)
    #expect(try again.expect(200) == records)
    let second = try #require(again.header("ETag")).trimmingCharacters(in: ["\""])
    #expect(try service.delete("\(path)/\(second)").status == 204)
    #expect(try service.get(path).status == 204)
    #expect(try service.hub.store.feedback(limit: 9).isEmpty)
  }

  @Test func eventsAreStreamed() throws {
    _ = try device("a")
    _ = try device("b")
    let all = try service.begin("GET", "/emulator/events"), one = try service.begin("GET", "/emulator/events?device=b")
    for name in ["a", "b"] {
      service.hub.receive(Telemetry(body: Array("\"\n".utf8)), from: DeviceAddress(device: name))
    }
    func frames(_ text: String) -> [String] { text.components(separatedBy: "\n").filter { $0.hasPrefix("data: ") } }
    let text = try all.text()
    #expect(text.contains("\r\nContent-Type: text/event-stream; charset=utf-8\r\n") && text.contains("id: 4\ndata: {"))
    #expect(frames(text).count == 2)
    let event = try JSON.parse(try #require(frames(try one.text()).first).dropFirst(6).utf8)
    #expect(event["device"] == "b" && event["kind"] == "telemetry" && event["body"] == "\"\n" && event["sequence"] == 4)
    service.loop.advanceTime(by: .seconds(15))
    #expect(try all.text().contains(": \n\n"))
  }

  @Test func aSlowReaderOfEventsIsToldWhatItMissed() throws {
    _ = try device("a")
    let slow = try service.begin("GET", "/emulator/events")
    _ = try slow.text()
    slow.channel.isWritable = false
    slow.channel.pipeline.fireChannelWritabilityChanged()
    for _ in 0..<1_500 { service.hub.receive(Telemetry(body: []), from: DeviceAddress(device: "a")) }
    #expect(try slow.text() == "")
    slow.channel.isWritable = true
    slow.channel.pipeline.fireChannelWritabilityChanged()
    let text = try slow.text()
    #expect(text.components(separatedBy: "\"kind\":\"telemetry\"").count == 1_001)
    #expect(text.contains("\"kind\":\"missed\",\"count\":500}"))
  }

  @Test func faultsAreCausedListedAndRemoved() throws {
    let made = try service.request("POST", "/emulator/faults", ["kind": "throttle", "device": "dev1", "count": 2])
      .expect(201)
    #expect(made["kind"] == "throttle" && made["device"] == "dev1" && made["count"] == 2)
    let other = try service.request("POST", "/emulator/faults", ["kind": "losePubacks"]).expect(201)
    #expect(try service.get("/emulator/faults").expect(200) == [made, other])
    #expect(try service.delete("/emulator/faults/\(made["id"]?.integer ?? 0)").status == 204)
    #expect(try service.get("/emulator/faults").expect(200) == [other])
    #expect(try service.delete("/emulator/faults/77").status == 404)
    #expect(try service.delete("/emulator/faults").status == 204)
    #expect(try service.get("/emulator/faults").expect(200) == [])
    #expect(try service.request("POST", "/emulator/faults", ["kind": "other"]).status == 400)
  }

  @Test func withoutTheKeyNothingIsThere() throws {
    let paths = [
      "GET /devices", "POST /devices", "GET /devices/a", "PUT /devices/a", "DELETE /devices/a", "GET /twins/a",
      "PATCH /twins/a",
      "POST /twins/a/methods", "POST /devices/query", "GET /statistics/devices", "GET /emulator/status",
      "GET /emulator/events",
      "GET /messages/serviceBound/feedback", "POST /emulator/faults", "DELETE /emulator/faults",
      "POST /emulator/devices/a/messages",
      "DELETE /devices/a/commands",
    ]
    for path in paths {
      let parts = path.split(separator: " ")
      let answer = try service.request(String(parts[0]), String(parts[1]), [:], token: nil)
      #expect(try answer.expect(401)["errorCode"] == 401_003, "\(path)")
    }
  }
}

#endif
