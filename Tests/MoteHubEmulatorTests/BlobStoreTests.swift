#if Tools

import Foundation
import GRDB
import Testing

@testable import MoteHubEmulator

/// Blobs and blocks in the store, whose files are names here.
struct BlobStoreTests {
  let store: Store

  init() throws { store = try Store() }

  private func commit(_ entries: (BlockList.Entry.Place, String)...) throws -> Blob {
    try store.commit(
      Blob(name: "d/a", length: 0, contentType: nil), of: BlockList(entries.map { .init(place: $0, id: $1) }))
  }
  private func put(_ id: String, _ file: String) throws {
    try store.put(Block(id: id, file: file, length: Int64(file.count)), for: "d/a")
  }

  @Test func aBlobIsItsBlocks() throws {
    try put("QQ==", "one")
    try put("Qg==", "three")
    #expect(try store.blob("d/a") == nil && store.files(of: "d/a").isEmpty && store.blobs(of: nil).isEmpty)
    let blob = try commit((.latest, "Qg=="), (.latest, "QQ=="), (.latest, "Qg=="))
    #expect(blob.length == 13 && blob.contentType == "application/octet-stream")
    #expect(try store.files(of: "d/a") == ["three", "one", "three"])
    #expect(try store.blob("d/a")?.etag == blob.etag)
  }

  @Test func anotherBlockOfTheSameNameWaitsBesideThatInTheBlob() throws {
    try put("QQ==", "old")
    _ = try commit((.uncommitted, "QQ=="))
    try put("QQ==", "never")
    try put("QQ==", "new")
    #expect(try store.files(of: "d/a") == ["old"])
    _ = try commit((.committed, "QQ=="))
    #expect(try store.files(of: "d/a") == ["old"])
    #expect(throws: StorageError.self) { try commit((.uncommitted, "QQ==")) }
    try put("QQ==", "new")
    _ = try commit((.latest, "QQ=="))
    #expect(try store.files(of: "d/a") == ["new"])
  }

  @Test func whatIsRefusedChangesNothing() throws {
    try put("QQ==", "one")
    _ = try commit((.latest, "QQ=="))
    try put("Qg==", "two")
    #expect(throws: StorageError.self) { try commit((.latest, "Qg=="), (.latest, "Qw==")) }
    #expect(throws: StorageError.self) { try put("MDAwMDAw", "long") }
    #expect(try store.files(of: "d/a") == ["one"])
    _ = try commit((.committed, "QQ=="), (.uncommitted, "Qg=="))
    #expect(try store.files(of: "d/a") == ["one", "two"])
  }

  @Test func aBlobOfOnePieceTakesTheirPlace() throws {
    try put("QQ==", "one")
    try store.put(Blob(name: "d/a", length: 3, contentType: "text/plain"), of: Block(id: nil, file: "all", length: 3))
    #expect(try store.files(of: "d/a") == ["all"] && store.blob("d/a")?.contentType == "text/plain")
    #expect(throws: StorageError.self) { try commit((.latest, "QQ==")) }
    // It has no block that could be named, nor one whose identifier's length matters.
    try put("MDAwMDAw", "block")
    _ = try commit((.latest, "MDAwMDAw"))
    #expect(try store.files(of: "d/a") == ["block"])
  }

  @Test func blobsAreTheirDevices() throws {
    for name in ["d/b", "d/a", "d2/a", "%/a"] {
      try store.put(Blob(name: name, length: 1, contentType: nil), of: Block(id: nil, file: name, length: 1))
    }
    #expect(try store.blobs(of: nil).map(\.name) == ["%/a", "d/a", "d/b", "d2/a"])
    #expect(try store.blobs(of: "d").map(\.ownName) == ["a", "b"])
    #expect(try store.blobs(of: "%").map(\.device) == ["%"])
  }

  @Test func blocksThatNobodyWantsAreForgotten() throws {
    try put("QQ==", "kept")
    _ = try commit((.latest, "QQ=="))
    try put("Qg==", "waits")
    try store.forgetOldBlocks(now: .now + 6 * 86_400)
    _ = try commit((.committed, "QQ=="), (.uncommitted, "Qg=="))
    try put("Qw==", "waits")
    try store.forgetOldBlocks(now: .now + 8 * 86_400)
    #expect(throws: StorageError.self) { try commit((.uncommitted, "Qw==")) }
    #expect(try store.files(of: "d/a") == ["kept", "waits"])
  }

  /// As many as storage has, of which one is replaced and not counted twice.
  @Test func blocksThatWaitAreCounted() throws {
    try put("QQ==", "one")
    try put("QQ==", "one again")
    try store.queue.write { try $0.execute(sql: "UPDATE blob SET uncommitted = uncommitted + 99998") }
    try put("Qg==", "two")
    #expect(throws: StorageError.self) { try put("Qw==", "three") }
    try put("Qg==", "two again")
    _ = try commit((.latest, "Qg=="))
    try put("Qw==", "three")
    try store.forgetOldBlocks()
    #expect(try store.queue.read { try Int.fetchOne($0, sql: "SELECT uncommitted FROM blob") } == 1)
  }

  @Test func uploadsAreTenAtATime() throws {
    let address = DeviceAddress(device: "d"), other = DeviceAddress(device: "e")
    for address in [address, other] { try store.create(Identity(address: address, authentication: .newKeys())) }
    func begin(_ address: DeviceAddress, _ seconds: TimeInterval = 60) throws -> Upload {
      let upload = try Upload(of: "a", from: address, expiry: .now + seconds)
      try store.begin(upload)
      return upload
    }
    // One whose token has ended is none of them, and can be told of.
    let old = try begin(address, -1), first = try begin(address)
    for _ in 1..<10 { _ = try begin(address) }
    #expect(throws: HubError.tooManyUploads(address)) { try begin(address) }
    _ = try begin(other)
    #expect(try store.end(first.correlationId, of: other) == nil)
    #expect(try store.end(first.correlationId, of: address)?.blob == "d/a")
    #expect(try store.end(first.correlationId, of: address) == nil)
    #expect(try store.end(old.correlationId, of: address)?.correlationId == old.correlationId)
    _ = try begin(address)
    try store.delete(other)
    try store.delete(address)
    #expect(throws: (any Error).self) { try begin(other) }
  }

  @Test(arguments: ["", "a\u{0}", "a\u{7F}", "\n", String(repeating: "x", count: 1_023)])
  func namesThatAreNone(_ name: String) {
    #expect(throws: HubError.self) { try Upload(of: name, from: DeviceAddress(device: "d"), expiry: .now) }
  }
}

#endif
