#if Tools

import Testing

@testable import MoteHubEmulator

struct BlockListTests {
  private func list(_ xml: String) throws -> [BlockList.Entry] { try BlockList(xml: Array(xml.utf8)).entries }

  @Test(arguments: [
    "<BlockList/>", "<BlockList></BlockList>", "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList></BlockList>",
    "\u{FEFF}<?xml version='1.0'?>\r\n<BlockList>\n\t </BlockList>\n\n",
  ])
  func empty(_ xml: String) throws { #expect(try list(xml).isEmpty) }

  @Test func inOrder() throws {
    let xml = """
      <?xml version="1.0" encoding="utf-8"?>\r
      <BlockList>
        <Latest>MDAw</Latest><Committed> MDAx </Committed>
        <Uncommitted>
          MDAw
        </Uncommitted>
        <Latest>MDAw</Latest>
      </BlockList>
      """
    #expect(
      try list(xml) == [
        .init(place: .latest, id: "MDAw"), .init(place: .committed, id: "MDAx"), .init(place: .uncommitted, id: "MDAw"),
        .init(place: .latest, id: "MDAw"),
      ])
  }

  @Test func asManyAsThereMayBe() throws {
    let most = String(repeating: "<Latest>MDAwMDAw</Latest>", count: BlockList.mostBlocks)
    #expect(try list("<BlockList>\(most)</BlockList>").count == 50_000)
    #expect(throws: StorageError(400, "BlockListTooLong", "A blob has 50000 blocks at most.")) {
      try list("<BlockList>\(most)<Latest>MDAwMDAw</Latest></BlockList>")
    }
  }

  @Test(arguments: [
    ("", "InvalidXmlDocument"), (" ", "InvalidXmlDocument"), ("<", "InvalidXmlDocument"),
    ("<?xml", "InvalidXmlDocument"),
    ("<?xml version='1.0'>", "InvalidXmlDocument"), ("<?xml ?>", "InvalidXmlDocument"), ("{}", "InvalidXmlDocument"),
    ("<BlockList", "InvalidXmlDocument"), ("<BlockList>", "InvalidXmlDocument"), ("<blocklist/>", "InvalidXmlDocument"),
    ("<BlockList/><BlockList/>", "InvalidXmlDocument"), ("<BlockList></BlockList>x", "InvalidXmlDocument"),
    ("<BlockList>x</BlockList>", "InvalidXmlDocument"), ("<BlockList><Latest>QQ==</BlockList>", "InvalidXmlDocument"),
    ("<BlockList><Latest>QQ==</Latest", "InvalidXmlDocument"), ("<BlockList><Latest>QQ==", "InvalidXmlDocument"),
    ("<BlockList><Latest>QQ==</Committed></BlockList>", "InvalidXmlDocument"),
    ("<BlockList><Latest><b/></Latest></BlockList>", "InvalidXmlDocument"),
    ("<!DOCTYPE b [<!ENTITY e \"QQ==\">]><BlockList><Latest>&e;</Latest></BlockList>", "InvalidXmlDocument"),
    ("<BlockList><Newest>QQ==</Newest></BlockList>", "InvalidXmlNodeValue"),
    ("<BlockList><Latest a=\"b\">QQ==</Latest></BlockList>", "InvalidXmlDocument"),
    ("<BlockList><Latest></Latest></BlockList>", "InvalidBlockId"),
    ("<BlockList><Latest>&e;</Latest></BlockList>", "InvalidBlockId"),
    ("<BlockList><Latest>Q</Latest></BlockList>", "InvalidBlockId"),
    ("<BlockList><Latest>Q\u{0}==</Latest></BlockList>", "InvalidBlockId"),
  ])
  func malformed(xml: String, code: String) {
    do {
      Issue.record("\(xml) is \(try list(xml))")
    } catch {
      #expect((error as? StorageError)?.code == code, "\(xml)")
    }
  }

  /// Whatever is cut off, or in its way, nothing but a refusal comes of it.
  @Test func mutated() {
    let xml = Array("<?xml version='1.0'?><BlockList><Latest>MDAw</Latest><Committed>MDAx</Committed></BlockList>".utf8)
    for length in 0..<xml.count { #expect(throws: StorageError.self) { try BlockList(xml: Array(xml.prefix(length))) } }
    for index in xml.indices {
      for byte: UInt8 in [0, 0x20, 0x26, 0x2F, 0x3C, 0x3E, 0x80, 0xFF] {
        var mutated = xml
        mutated[index] = byte
        _ = try? BlockList(xml: mutated)
      }
    }
  }

  @Test func identifiers() throws {
    let longest = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="
    #expect(longest.count == 88)
    for good in ["QQ==", "MDAwMDAw", longest] { #expect(try BlockList.checked(good) == good) }
    for bad in ["", "QQ", "Q===", "QQ==x", "MDAw\n", longest.dropLast(4) + "eHg=", "....", "-_-_"] {
      #expect(throws: StorageError.self, "\(bad)") { try BlockList.checked(bad) }
    }
  }
}

#endif
