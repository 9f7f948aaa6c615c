#if Tools

import Foundation
import Testing

@testable import MoteHubEmulator

struct BlobTokenTests {
  let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  let expiry = Date(timeIntervalSince1970: 1_700_000_000.25)

  /// A query as a request has it.
  private func query(_ text: String) -> [String: String] {
    var query: [String: String] = [:]
    for item in text.dropFirst().split(separator: "&") {
      let pair = item.split(separator: "=", maxSplits: 1)
      query[String(pair[0])] = String(pair[1]).removingPercentEncoding
    }
    return query
  }

  /// The signature is HMAC-SHA256 of storage's thirteen lines, by OpenSSL.
  @Test func itIsSignedAsStorageSigns() throws {
    let text = try #require(BlobToken(blob: "dev1/dir/log 1.bin", expiry: expiry).query(key: key))
    #expect(
      text
        == "?sv=2018-03-28&sr=b&sig=CyVt5Vpic4Fcg8Kbf%2BrHhOqmkVcJOsGtav2GytiNT8s%3D&se=2023-11-14T22%3A13%3A20.250Z&sp=rw"
    )
  }

  @Test func itIsReadAgain() throws {
    let text = try #require(BlobToken(blob: "dev1/a", permissions: "r", expiry: expiry).query(key: key))
    let token = try BlobToken(query(text), blob: "dev1/a", key: key)
    #expect(token.permissions == "r" && token.expiry == expiry)
    #expect(throws: StorageError.self) { try BlobToken(query(text), blob: "dev1/b", key: key) }
    #expect(throws: StorageError.self) { try BlobToken(query(text), blob: "dev1/a", key: Authentication.newKey()) }
  }

  @Test(arguments: [
    ("sv", "2019-02-02"), ("sr", "c"), ("sp", "rw"), ("se", "2024-11-14T22:13:20.250Z"), ("se", "soon"), ("sig", "x"),
    ("sig", "AAAA"), ("sv", nil), ("sr", nil), ("sp", nil), ("se", nil), ("sig", nil),
  ])
  func whatIsChangedIsRefused(name: String, value: String?) throws {
    let text = try #require(BlobToken(blob: "dev1/a", permissions: "r", expiry: expiry).query(key: key))
    var query = query(text)
    query[name] = value
    #expect(throws: StorageError.self) { try BlobToken(query, blob: "dev1/a", key: key) }
  }
}

#endif
