#if Tools

import MoteHubEmulator
import Testing

/// The query language, over the API.
struct QueryTests {
  let service: TestService

  init() throws {
    service = try TestService()
    for (name, site, temperature) in [("a", "roof", 20), ("b", "cellar", 12), ("c", "roof", 31)]
      as [(String, String, Int64)]
    {
      _ = try service.put("/devices/\(name)", [:]).expect(200)
      _ = try service.request(
        "PATCH", "/twins/\(name)", ["tags": ["site": .string(site), "quiet": .bool(name == "a")]]
      ).expect(200)
      _ = try service.hub.patchReported(["t": .integer(temperature)], of: DeviceAddress(device: name))
    }
    _ = try service.put("/devices/b/modules/m", [:]).expect(200)
  }

  private func ask(_ query: String, _ headers: [String: String] = [:]) throws -> TestService.Answer {
    try service.request("POST", "/devices/query", ["query": .string(query)], headers)
  }

  private func names(_ answer: TestService.Answer) throws -> String {
    try answer.expect(200).array?.compactMap { $0["deviceId"]?.string }.joined() ?? ""
  }

  @Test(
    arguments: [
      ("SELECT * FROM devices", "abc"), ("select * from devices where tags.site = 'roof'", "ac"),
      ("SELECT * FROM devices WHERE properties.reported.t >= 20", "ac"),
      ("SELECT * FROM devices WHERE properties.reported.t<20.5", "ab"),
      ("SELECT * FROM devices WHERE tags.site != 'roof' OR tags.quiet = true", "ab"),
      ("SELECT * FROM devices WHERE NOT (tags.site = \"roof\" AND properties.reported.t > 25)", "ab"),
      ("SELECT * FROM devices WHERE deviceId IN ['c','a','x'] AND status = 'enabled'", "ac"),
      ("SELECT * FROM devices WHERE is_defined(tags.site) AND NOT is_defined(tags.other)", "abc"),
      ("SELECT * FROM devices WHERE tags.other = 1 OR tags.other <> 1 OR tags.site > 3", ""),
      ("SELECT * FROM devices WHERE connectionState = 'Connected'", ""), ("SELECT * FROM devices.modules", "b"),
    ])
  func whatIsAskedForIsFound(query: String, expected: String) throws {
    let answer = try ask(query)
    #expect(try names(answer) == expected)
    #expect(answer.header("x-ms-item-type") == "Twin" && answer.header("x-ms-continuation") == nil)
  }

  @Test(
    arguments: [
      "", "SELECT", "SELECT deviceId FROM devices", "SELECT * FROM devices.jobs", "SELECT * FROM devices WHERE",
      "SELECT * FROM devices WHERE a",
      "SELECT * FROM devices WHERE a = ", "SELECT * FROM devices WHERE a = b", "SELECT * FROM devices WHERE a = 'x",
      "SELECT * FROM devices x",
      "SELECT * FROM devices WHERE (a = 1", "SELECT * FROM devices WHERE a = 1 b", "SELECT * FROM devices WHERE a IN [",
      "SELECT * FROM devices WHERE ! a",
      "SELECT * FROM devices WHERE 'a' = 1", "SELECT * FROM devices WHERE a = 1 GROUP BY b",
    ])
  func whatIsNotUnderstoodIsRefused(query: String) throws {
    #expect(try ask(query).expect(400)["errorCode"] == 400_004)
  }

  @Test func longAndDeepQueriesAreRefused() throws {
    let start = "SELECT * FROM devices WHERE "
    #expect(try ask(start + String(repeating: "a = 1 AND ", count: 240) + "a = 1").status == 200)
    #expect(try ask(start + String(repeating: "a = 1 AND ", count: 50_000) + "a = 1").status == 400)
    #expect(
      try ask(start + String(repeating: "(", count: 500) + "a = 1" + String(repeating: ")", count: 490)).status == 400)
    #expect(try ask(start + String(repeating: "NOT ", count: 500) + "a = 1").status == 400)
  }

  @Test func resultsComeInPages() throws {
    let first = try ask("SELECT * FROM devices WHERE tags.site = 'roof'", ["x-ms-max-item-count": "1"])
    #expect(try names(first) == "a")
    let continuation = try #require(first.header("x-ms-continuation"))
    let second = try ask(
      "SELECT * FROM devices WHERE tags.site = 'roof'", ["x-ms-max-item-count": "1", "x-ms-continuation": continuation])
    #expect(try names(second) == "c")
    #expect(second.header("x-ms-continuation") == nil)
    #expect(try ask("SELECT * FROM devices", ["x-ms-max-item-count": "0"]).status == 400)
  }
}

#endif
