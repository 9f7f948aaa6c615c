#if Tools

import Foundation
import MoteHubEmulator
import Testing

/// Each test with a store in memory and with one in a folder, which is opened anew where it says so.
struct StoreTests {
  /// A folder that goes away with it.
  final class Folder {
    let path = FileManager.default.temporaryDirectory.path + "/mote-hub-store-" + UUID().uuidString
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  let folder = Folder()
  let device = DeviceAddress(device: "dev1"), module = DeviceAddress(device: "dev1", module: "mod1")
  let now = Date(timeIntervalSince1970: 1_700_000_000)

  private func stores() throws -> [Store] { [try Store(), try Store(folder: folder.path)] }

  @Test func identitiesAreMadeReadChangedAndRemoved() throws {
    for store in try stores() {
      var identity = Identity(address: device, authentication: .newKeys(), now: now)
      try store.create(identity, now: now)
      #expect(try store.identity(device) == identity)
      #expect(try store.identity(DeviceAddress(device: "DEV1")) == nil)
      identity.isEnabled = false
      identity.statusReason = "lost"
      let changed = try store.update(identity, ifMatch: identity.etag, now: now + 5)
      #expect(changed.etag != identity.etag && changed.statusUpdatedTime == now + 5)
      #expect(throws: HubError.preconditionFailed) { try store.update(identity, ifMatch: identity.etag) }
      let again = try store.update(identity, ifMatch: "*", now: now + 9)
      #expect(again.statusUpdatedTime == now + 5)
      #expect(try store.identity(device) == again)
      #expect(throws: HubError.preconditionFailed) { try store.delete(device, ifMatch: changed.etag) }
      try store.delete(device, ifMatch: again.etag)
      #expect(try store.identity(device) == nil)
      #expect(throws: HubError.notFound(device)) { try store.delete(device) }
      #expect(throws: HubError.notFound(device)) { try store.update(identity, ifMatch: nil) }
      #expect(throws: HubError.notFound(device)) { try store.twin(of: device) }
    }
  }

  @Test func modulesGoWithTheirDevice() throws {
    for store in try stores() {
      let part = Identity(address: module, authentication: .certificateAuthority, now: now)
      #expect(throws: HubError.notFound(device)) { try store.create(part) }
      try store.create(Identity(address: device, authentication: .newKeys()))
      try store.create(part)
      #expect(throws: HubError.alreadyExists(module)) { try store.create(part) }
      #expect(throws: HubError.alreadyExists(device)) {
        try store.create(Identity(address: device, authentication: .newKeys()))
      }
      #expect(try store.modules(of: "dev1") == [part])
      #expect(try store.devices().map(\.address) == [device])
      #expect(try store.deviceCounts() == (1, 1))
      try store.delete(device)
      #expect(try store.identity(module) == nil)
      #expect(try store.modules(of: "dev1").isEmpty)
    }
  }

  @Test func devicesComeInOrder() throws {
    let store = try Store()
    for name in ["b", "a", "C", "d"] {
      let thumbprint = String(repeating: "a", count: 40)
      try store.create(
        Identity(
          address: DeviceAddress(device: name),
          authentication: .selfSigned(primaryThumbprint: thumbprint, secondaryThumbprint: nil), isEnabled: name != "d",
          now: now))
    }
    #expect(try store.devices().map(\.address.device) == ["C", "a", "b", "d"])
    #expect(try store.devices(limit: 2, after: "C").map(\.address.device) == ["a", "b"])
    #expect(try store.deviceCounts() == (4, 3))
  }

  @Test func twinsAreChangedOnlyAsAWhole() throws {
    for store in try stores() {
      try store.create(Identity(address: device, authentication: .newKeys()), now: now)
      let version = try store.changeTwin(of: device) { twin in
        try twin.patchReported(["a": ["b": [1, 2.5, nil]]], now: now)
        return twin.reported.version
      }
      #expect(version == 2)
      #expect(throws: HubError.self) {
        try store.changeTwin(of: device) { twin in
          try twin.patchReported(["lost": 1])
          try twin.patchReported(["a.b": 1])
        }
      }
      var expected = Twin(now: now)
      try expected.patchReported(["a": ["b": [1, 2.5, nil]]], now: now)
      #expect(try store.twin(of: device) == expected)
      #expect(throws: HubError.preconditionFailed) {
        try store.changeTwin(of: device, ifMatch: "AAAAAAAAAAI=") { try $0.patchTags(["x": 1]) }
      }
      try store.changeTwin(of: device, ifMatch: "AAAAAAAAAAE=") { try $0.patchTags(["x": 1]) }
      #expect(try store.twin(of: device).tags == ["x": 1])
    }
  }

  @Test func aQueueHoldsFifty() throws {
    for store in try stores() {
      #expect(throws: HubError.notFound(device)) { try store.enqueue(CloudMessage(body: []), for: device) }
      try store.create(Identity(address: device, authentication: .newKeys()))
      var numbers: [Int64] = []
      for index in 0..<50 {
        numbers.append(try store.enqueue(CloudMessage(body: [UInt8(index)]), for: device, now: now).sequenceNumber)
      }
      #expect(throws: HubError.queueFull(device)) { try store.enqueue(CloudMessage(body: []), for: device, now: now) }
      #expect(try store.messages(for: device).map(\.body) == (0..<50).map { [$0] })
      #expect(try store.complete(numbers[3]))
      #expect(try !store.complete(numbers[3]))
      try store.enqueue(CloudMessage(body: [50]), for: device, now: now)
      #expect(try store.messages(for: device).last?.body == [50])
      // An hour later all of them are over: room for others, before they are taken away too.
      try store.enqueue(CloudMessage(body: [51]), for: device, now: now + 3_600)
      #expect(try store.expire(now: now + 3_600).count == 50)
      #expect(try store.messages(for: device).map(\.body) == [[51]])
      #expect(try store.purge(device) == 1)
    }
  }

  @Test func aMessageComesBackAsItWas() throws {
    for store in try stores() {
      try store.create(Identity(address: device, authentication: .newKeys()))
      var message = CloudMessage(body: [0, 255, 10])
      message.messageId = "m"
      message.correlationId = "c"
      message.userId = "u"
      message.to = "/devices/dev1/messages/deviceBound"
      message.expiry = now + 60
      message.acknowledgement = .full
      message.contentType = "application/json"
      message.contentEncoding = "utf-8"
      message.properties = [.init("a", "1"), .init("none", nil), .init("empty", ""), .init("a", "2 é")]
      let queued = try store.enqueue(message, for: device, now: now)
      message.sequenceNumber = queued.sequenceNumber
      message.enqueuedTime = now
      #expect(queued == message)
      #expect(try store.messages(for: device) == [message])
      #expect(try store.countDelivery(message.sequenceNumber) == 1)
      #expect(try store.countDelivery(message.sequenceNumber) == 2)
      #expect(try store.messages(for: device).first?.deliveryCount == 2)
      let expired = try store.expire(now: now + 60)
      #expect(expired.map(\.address) == [device] && expired.map(\.message.messageId) == ["m"])
      #expect(try store.countDelivery(message.sequenceNumber) == nil)
    }
  }

  @Test func messagesThatCannotBeTakenAreRefused() throws {
    let store = try Store()
    try store.create(Identity(address: device, authentication: .newKeys()))
    func status(_ change: (inout CloudMessage) -> Void) -> Int? {
      var message = CloudMessage(body: Array(repeating: 0, count: 64 * 1024 - 2))
      message.properties = [.init("a", "b")]
      change(&message)
      do {
        _ = try store.enqueue(message, for: device, now: now)
        return nil
      } catch {
        return (error as? HubError)?.status
      }
    }
    #expect(status { _ in } == nil)
    #expect(status { $0.body.append(0) } == 413)
    #expect(status { $0.messageId = "m" } == 413)
    #expect(status { $0.expiry = now } == 400)
    #expect(status { $0.expiry = now + 2 * 86_400 } == nil)
    #expect(status { $0.expiry = now + 2 * 86_400 + 1 } == 400)
  }

  @Test func aFolderKeepsAllOfIt() throws {
    let identity = Identity(
      address: device,
      authentication: .selfSigned(primaryThumbprint: nil, secondaryThumbprint: String(repeating: "F", count: 64)),
      now: now)
    do {
      let store = try Store(folder: folder.path)
      try store.create(identity)
      try store.changeTwin(of: device) { try $0.patchDesired(["a": 1]) }
      try store.enqueue(CloudMessage(body: [1]), for: device)
      try store.set("name", "value")
      try store.set("name", "other")
    }
    let store = try Store(folder: folder.path)
    #expect(try store.identity(device) == identity)
    #expect(try store.twin(of: device).desired.properties == ["a": 1])
    #expect(try store.messages(for: device).map(\.body) == [[1]])
    #expect(try store.setting("name") == "other")
    #expect(try store.setting("else") == nil)
  }

  @Test func sendersHearWhatTheyWantToHear() throws {
    for store in try stores() {
      let identity = Identity(address: device, authentication: .newKeys())
      try store.create(identity)
      func enqueue(_ acknowledgement: CloudMessage.Acknowledgement, _ id: String?) throws -> Int64 {
        var message = CloudMessage(body: [])
        message.acknowledgement = acknowledgement
        message.messageId = id
        return try store.enqueue(message, for: device, now: now).sequenceNumber
      }
      func heard(_ time: Date) throws -> [String] {
        try store.feedback(limit: 9, now: time).map { "\($0.originalMessageId ?? "-") \($0.outcome.rawValue)" }
      }
      for kind in CloudMessage.Acknowledgement.allCases { try store.complete(enqueue(kind, kind.rawValue), now: now) }
      #expect(try heard(now) == ["positive Success", "full Success"])
      let first = try #require(try store.feedback(limit: 1, now: now).first)
      #expect(first.device == "dev1" && first.generationId == identity.generationId && first.enqueuedTime == now)
      #expect(try store.feedback(limit: 9, besides: [first.id], now: now).map(\.originalMessageId) == ["full"])
      try store.removeFeedback([first.id])
      for kind in CloudMessage.Acknowledgement.allCases {
        try store.complete(enqueue(kind, nil), .rejected, now: now + 1)
      }
      #expect(try heard(now + 1) == ["full Success", "- Rejected", "- Rejected"])
      for kind in CloudMessage.Acknowledgement.allCases { _ = try enqueue(kind, kind.rawValue) }
      #expect(try store.expire(now: now + 3_600).count == 4)
      #expect(try heard(now + 3_600) == ["- Rejected", "- Rejected", "negative Expired", "full Expired"])
      _ = try enqueue(.negative, "p")
      #expect(try store.purge(device, now: now + 3_601) == 1)
      #expect(try heard(now + 3_601) == ["negative Expired", "full Expired", "p Purged"], "an hour is long enough")
    }
  }

  @Test func aFolderIsOneHubsAtATime() throws {
    let state = StateFolder(folder.path)
    let claim = try state.claim()
    let error = #expect(throws: StateFolder.InUse.self) { try state.claim() }
    #expect(error.map { "\($0)" } == "another hub uses \(folder.path); --data names another folder")
    try claim.close()
    try state.claim().close()
  }

  @Test func onlyTheOwnerMayReadTheKeys() throws {
    let store = try Store(folder: folder.path)
    try store.set("a", "b")
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder.path) == 0o700)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      #expect(try mode(folder.path + "/" + name) == 0o600, "\(name)")
    }
  }
}

#endif
