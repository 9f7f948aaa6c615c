#if Tools

import Foundation
import MoteHubEmulator
import NIOHTTP1
import Testing

struct ServicePolicyTests {
  let policy = ServicePolicy(key: "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0", hosts: ["localhost", "Hub.Example"])
  // Made with azure-iot-hub 2.7.0's SasToken for localhost:8443, at 1700000000, good for 2000000000 seconds.
  let official =
    "SharedAccessSignature sr=localhost%3A8443&sig=bLvHyxDvhxRHtyEgtzPIIUR3miln/I1sbFQ5lyWh8y4%3D&se=3700000000&skn=iothubowner"

  private func status(_ tokens: [String], path: [String] = ["devices", "a"]) -> Int? {
    var headers = HTTPHeaders()
    for token in tokens { headers.add(name: "Authorization", value: token) }
    do {
      try policy.authorise(HTTPRequest(method: .GET, path: path, headers: headers))
      return nil
    } catch {
      return (error as? HubError)?.status
    }
  }

  private func token(
    _ resource: String, _ key: String? = nil, expiry: Date = .now + 60, policy name: String? = "iothubowner"
  ) throws -> String {
    try #require(SharedAccessSignature.token(for: resource, key: key ?? policy.key, expiry: expiry, policy: name))
  }

  @Test func theOfficialTokenIsGood() { #expect(status([official]) == nil) }

  @Test func aTokenIsForTheHubOrForAPartOfIt() throws {
    #expect(try status([token("hub.example")]) == nil)
    #expect(try status([token("HUB.EXAMPLE/devices")]) == nil)
    #expect(try status([token("hub.example/devices/a")]) == nil)
    #expect(try status([token("hub.example/devices/b")]) == 401)
    #expect(try status([token("hub.example/dev")]) == 401)
    #expect(try status([token("other.example")]) == 401)
  }

  @Test func everythingElseIsRefused() throws {
    #expect(status([]) == 401)
    #expect(status([official, official]) == 401)
    #expect(status(["Bearer x"]) == 401)
    #expect(status([official.replacingOccurrences(of: "3700000000", with: "3700000001")]) == 401)
    #expect(status([official.replacingOccurrences(of: "bLvH", with: "bLvI")]) == 401)
    #expect(status([official.replacingOccurrences(of: "&skn=iothubowner", with: "")]) == 401)
    #expect(status([official.replacingOccurrences(of: "iothubowner", with: "service")]) == 401)
    #expect(try status([token("localhost", "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=")]) == 401)
    #expect(try status([token("localhost", expiry: .now - 1)]) == 401)
  }

  @Test func theKeyIsMadeOnceForAHub() throws {
    let service = try TestService()
    let key = try service.hub.serviceKey
    #expect(Data(base64Encoded: key)?.count == 32)
    #expect(try service.hub.serviceKey == key)
    #expect(try TestService().hub.serviceKey != key)
  }
}

#endif
