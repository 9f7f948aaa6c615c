import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// A property as it was read.
enum Property: Equatable {
  case pair([UInt8], [UInt8]?)
  case malformed
  case tooLarge(Int)

  static func text(_ name: String, _ value: String?) -> Property {
    .pair(Array(name.utf8), value.map { Array($0.utf8) })
  }
}

/// Everything in a bag. Each is read by a new reader, as mote_next_property does.
func properties(_ bag: [UInt8], room: Int = 256) -> [Property] {
  let memory = Memory(bag)
  var position = 0
  var found: [Property] = []
  while true {
    let buffer = Memory(room)
    var reader = PropertyBag(memory.region, from: position)
    let result = reader.next(into: buffer.region)
    precondition(reader.position >= position && reader.position <= bag.count, "the reader left the bag")
    precondition(reader.position > position || bag.count == position || found.count < bag.count + 1, "no progress")
    position = reader.position
    switch result {
    case .none: return found
    case .malformed: found.append(.malformed)
    case .tooLarge(let size): found.append(.tooLarge(size))
    case .property(let name, let value):
      let bytes = buffer.prefix(name + (value ?? 0))
      found.append(.pair(Array(bytes[..<name]), value == nil ? nil : Array(bytes[name...])))
    }
  }
}

func properties(_ bag: String, room: Int = 256) -> [Property] { properties(Array(bag.utf8), room: room) }

/// Reading a bag (protocol.md, 7).
struct PropertyBagTests {
  @Test("The example")
  func example() {
    #expect(
      properties("%24.mid=a1&%24.to=%2Fdevices%2Fdev1%2Fmessages%2FdeviceBound&iothub-ack=full&color=red") == [
        .text("$.mid", "a1"), .text("$.to", "/devices/dev1/messages/deviceBound"), .text("iothub-ack", "full"),
        .text("color", "red"),
      ])
  }

  @Test("No value is not an empty one")
  func values() {
    #expect(properties("prop1&prop2=&prop3=v") == [.text("prop1", nil), .text("prop2", ""), .text("prop3", "v")])
  }

  @Test(
    "Only the first = divides; a raw one in a value is its own",
    arguments: [("a=b=c", "a", "b=c"), ("a==", "a", "="), ("a%3Db=c", "a=b", "c"), ("a===b", "a", "==b")])
  func equals(_ bag: String, _ name: String, _ value: String) { #expect(properties(bag) == [.text(name, value)]) }

  @Test("One leading ? is passed over, and only there")
  func questionMark() {
    #expect(properties("?prop1&prop2=") == [.text("prop1", nil), .text("prop2", "")])
    #expect(properties("?") == [])
    #expect(properties("??a=b") == [.text("?a", "b")])
    #expect(properties("a=?&?b=c") == [.text("a", "?"), .text("?b", "c")])
    #expect(properties("&?a") == [.text("?a", nil)])
  }

  @Test(
    "Nothing between two &, before the first and after the last",
    arguments: ["", "&", "&&", "&&&&&", "?&", "?&&"])
  func nothing(_ bag: String) { #expect(properties(bag) == []) }

  @Test("Empty pairs are passed over", arguments: ["a=1&b=2", "&a=1&b=2", "a=1&&b=2", "a=1&b=2&", "&&a=1&&&b=2&&"])
  func emptyPairs(_ bag: String) { #expect(properties(bag) == [.text("a", "1"), .text("b", "2")]) }

  @Test("A plus stays a plus, and a space a space")
  func plus() { #expect(properties("a+b=c+d e&%2B=%20") == [.text("a+b", "c+d e"), .text("+", " ")]) }

  @Test("Escaped dividers are no dividers")
  func escaped() { #expect(properties("a%26b=c%3Dd%26e&%3F=1") == [.text("a&b", "c=d&e"), .text("?", "1")]) }

  @Test("UTF-8, in digits of either case, once decoded and no further")
  func unicode() {
    #expect(properties("%C3%A9=%e2%82%ac&%F0%9F%98%80") == [.text("é", "€"), .text("😀", nil)])
    #expect(properties("é=€") == [.text("é", "€")])
    #expect(properties("a=%2541") == [.text("a", "%41")])
    #expect(properties("a=%00%FF") == [.pair([97], [0, 255])])
  }

  @Test(
    "A malformed escape spoils its own property and no other",
    arguments: ["%", "%4", "%zz", "%4z", "%z4", "%%41", "%+1"])
  func malformed(_ escape: String) {
    for bad in [escape, "x\(escape)", "\(escape)=v", "k=\(escape)", "k=v\(escape)", "\(escape)=\(escape)"] {
      #expect(properties("a=1&\(bad)&b=2") == [.text("a", "1"), .malformed, .text("b", "2")], "\(bad)")
      #expect(properties(bad) == [.malformed])
    }
  }

  @Test("A name that is empty is malformed", arguments: ["=", "=v", "==", "=%41"])
  func empty(_ bad: String) {
    #expect(properties("\(bad)&b=2") == [.malformed, .text("b", "2")])
  }

  @Test("A buffer that is too small says how much is needed, and the next is read")
  func room() {
    #expect(properties("name=value&a=b", room: 2) == [.tooLarge(9), .text("a", "b")])
    #expect(properties("%41%42=%43", room: 3) == [.text("AB", "C")])
    #expect(properties("%41%42=%43", room: 2) == [.tooLarge(3)])
    #expect(properties("ab", room: 2) == [.text("ab", nil)])
    #expect(properties("ab=", room: 2) == [.text("ab", "")])
    #expect(properties("a=b", room: 0) == [.tooLarge(2)])
    // What is malformed is malformed in any room.
    #expect(properties("abcdef=%&a=b", room: 2) == [.malformed, .text("a", "b")])
  }
}
