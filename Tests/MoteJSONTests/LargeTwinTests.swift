import Foundation
import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// A twin of 64 KiB, property by property, through a buffer of 64 bytes.
struct LargeTwinTests {
  /// A document as the hub gives it: desired and reported properties of 32 KiB each, with values of 4 KiB and components.
  private func twin() -> String {
    func section(_ version: Int) -> String {
      var members: [String] = []
      var size = 0
      while size < 32_000 {
        let number = members.count
        let value =
          switch number % 5 {
          case 0: "\(number * 7919)"
          case 1: "\"" + String(repeating: "é", count: number % 3 == 0 ? 2000 : 5) + "\\n\\ud83d\\ude00\""
          case 2: "{\"__t\":\"c\",\"target\":\(number).5,\"deep\":{\"list\":[1,[2,{\"a\":null}],true]}}"
          case 3: "[\(number),false,\"x\"]"
          default: "null"
          }
        members.append("\"property\(number)\":\(value)")
        size += members[number].utf8.count + 1
      }
      members.append("\"$version\":\(version)")
      return "{" + members.joined(separator: ",") + "}"
    }
    return "{\"desired\":\(section(3)),\"reported\":\(section(7))}"
  }

  @Test("Every property is seen, whatever the size of the pieces", arguments: [1, 61, 512, 1000, 1024])
  func properties(_ size: Int) throws {
    let bytes = Array(twin().utf8)
    #expect(bytes.count > 64_000)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: [String: Any]])
    let room = Memory(64)
    var reader = JSONReader(buffer: room.region, depthLimit: 11)
    var section = ""
    var seen: [String: Set<String>] = [:]
    var sum = 0
    var versions: [String: Int64] = [:]
    var name = ""
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + size)
      // The piece is gone when the next one comes, as from a receive buffer.
      let piece = Memory(Array(bytes[place..<end]))
      place = end
      try reader.feed(piece.region, isLast: place == bytes.count)
      while let token = try reader.next() {
        let text = String(decoding: room.prefix(token.text.count), as: UTF8.self)
        switch (token.kind, token.depth) {
        case (.name, 1): section = text
        case (.name, 2):
          name = text
          seen[section, default: []].insert(text)
          if token.equals("$version") || text.hasPrefix("property") && (Int(text.dropFirst(8)) ?? 1) % 5 == 0 {
            continue
          }
          reader.skip()
        case (.number, 2):
          if name == "$version" { versions[section] = try token.integer() } else { sum += Int(try token.integer()) }
        default: break
        }
      }
    }
    for section in ["desired", "reported"] { #expect(seen[section] == object[section].map { Set($0.keys) }) }
    #expect(versions == ["desired": 3, "reported": 7])
    let expected = object.values.flatMap { $0 }.filter { $0.key != "$version" }.compactMap { $0.value as? Int }.reduce(
      0, +)
    #expect(sum == expected && sum > 0)
  }

  @Test("Read to the last token, it is what Foundation reads")
  func whole() throws {
    let text = twin()
    let told = read([Array(text.utf8)], buffer: 64, depthLimit: 11)
    #expect(told.last == .end)
    #expect(try tree(told) == JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
  }

  /// Foundation's tree of what was told.
  private func tree(_ told: [Told]) throws -> NSDictionary {
    var rest = told[...]
    return try #require(try value(&rest) as? NSDictionary)
  }

  private func value(_ rest: inout ArraySlice<Told>) throws -> NSObject {
    guard case .token(let kind, _, let bytes) = rest.removeFirst() else { throw Failure(-1) }
    let text = String(decoding: bytes, as: UTF8.self)
    switch kind {
    case .beginObject:
      let object = NSMutableDictionary()
      while case .token(.name, _, let name) = rest.first {
        rest.removeFirst()
        object[String(decoding: name, as: UTF8.self)] = try value(&rest)
      }
      rest.removeFirst()
      return object
    case .beginArray:
      let array = NSMutableArray()
      while case .token(let kind, _, _) = rest.first, kind != .endArray { array.add(try value(&rest)) }
      rest.removeFirst()
      return array
    case .string: return text as NSString
    case .number: return text.contains(".") ? Double(text)! as NSNumber : Int(text)! as NSNumber
    case .true: return true as NSNumber
    case .false: return false as NSNumber
    default: return NSNull()
    }
  }
}
