import MoteBytes
import MoteHub

/// Topics of methods and twins: any bytes end, and what is read of them is what their definition says.
func fuzz(_ input: inout Input) {
  let bytes = input.rest()
  let topic = Buffer(bytes)
  let text = String(decoding: bytes, as: Unicode.ASCII.self)
  demand(topic.region.parameter("$rid=")?.array == parameter("$rid=", bytes), "another parameter")
  demand(topic.region.number("$version=") == number(parameter("$version=", bytes) ?? []), "another version")
  demand(topic.region.number == number(bytes), "another number")
  demand(topic.region.after("a/")?.array == (text.hasPrefix("a/") ? Array(bytes.dropFirst(2)) : nil), "another rest")

  let expected = method(bytes)
  guard let read = MethodTopic(topic.region) else { return demand(expected == nil, "a method was not seen") }
  demand(topic.holds(read.name) && topic.holds(read.component) && topic.holds(read.requestIdentifier), "outside")
  demand([read.name.array, read.component.array, read.requestIdentifier.array] == expected, "another method")
}

/// The first of the parameters behind `?` with that name and a value.
private func parameter(_ name: String, _ topic: some Collection<UInt8>) -> [UInt8]? {
  guard let mark = topic.firstIndex(of: UInt8(ascii: "?")) else { return nil }
  return topic[mark...].dropFirst().split(separator: UInt8(ascii: "&"))
    .first { $0.starts(with: name.utf8) && $0.count > name.utf8.count }
    .map { Array($0.dropFirst(name.utf8.count)) }
}

/// Up to a `/`, which need not be there.
private func number(_ bytes: [UInt8]) -> UInt32 {
  let digits = bytes.prefix { $0 != UInt8(ascii: "/") }
  guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return 0 }
  guard let value = UInt64(String(decoding: digits, as: UTF8.self)), value <= 2_147_483_629 else { return 0 }
  return UInt32(value)
}

/// Name, component and request identifier.
private func method(_ topic: [UInt8]) -> [[UInt8]]? {
  guard let slash = topic.firstIndex(of: UInt8(ascii: "/")), let identifier = parameter("$rid=", topic[slash...]),
    let decoded = percentDecoded(topic[..<slash]), !decoded.isEmpty
  else { return nil }
  guard let star = decoded.firstIndex(of: UInt8(ascii: "*")) else { return [decoded, [], identifier] }
  return [Array(decoded[(star + 1)...]), Array(decoded[..<star]), identifier]
}
