import CMote
import Foundation
import Mote
import MoteBytes
import MoteC
import Testing

/// What mote_status_text says of each status that mote.h defines. The header itself is read, so that none is forgotten.
struct StatusTextTests {
  /// The header's statuses, by name.
  private func defined() throws -> [(name: Substring, number: Int32)] {
    let header = try String(
      contentsOfFile: #filePath.replacing(
        "Tests/MoteTests/StatusTextTests.swift", with: "Embedded/include/mote.h"), encoding: .utf8)
    return try header.matches(of: #/#define (MOTE_ERROR_[A-Z_0-9]+) +\((-[0-9]+)\)/#).map {
      (name: $0.1, number: try #require(Int32($0.2)))
    }
  }

  private func text(_ status: Int32) -> String { unsafe String(cString: mote_status_text(status)) }

  @Test("The header was read")
  func header() throws {
    let defined = try defined()
    #expect(defined.count >= 73)
    #expect(defined.contains { $0.name == "MOTE_ERROR_PROPERTY" && $0.number == MOTE_ERROR_PROPERTY })
    #expect(Set(defined.map(\.number)).count == defined.count)
    #expect(Set(defined.map(\.name)).count == defined.count)
  }

  @Test("Each has a sentence of its own")
  func sentences() throws {
    var texts: [String: Substring] = [text(MOTE_OK): "MOTE_OK"]
    for (name, number) in try defined() {
      let text = text(number)
      #expect(!text.hasPrefix("Unknown"), "\(name)")
      #expect(text.count > 10 && text.hasSuffix(".") && !text.contains("  "), "\(name)")
      #expect(text.utf8.allSatisfy { $0 >= 32 && $0 < 127 }, "\(name)")
      #expect(texts.updateValue(name, forKey: text) == nil, "\(name)")
    }
  }

  @Test("Success is success, however much; a number that is no status is said to be unknown")
  func others() throws {
    let known = Set(try defined().map(\.number))
    #expect(text(1) == text(0) && text(.max) == text(0))
    for number in Int32(-400)..<0 where !known.contains(number) {
      #expect(text(number).hasPrefix("Unknown"), "\(number)")
    }
    #expect(text(.min).hasPrefix("Unknown"))
  }

  @Test("Swift says the same")
  func swift() throws {
    for (_, number) in try defined() {
      let text = statusText(number)
      #expect(String(decoding: (0..<text.bytes.count).map { text.bytes[$0] }, as: UTF8.self) == self.text(number))
    }
  }
}
