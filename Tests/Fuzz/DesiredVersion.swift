import MoteBytes
import MoteHub
import MoteJSON

/// A twin's document: any bytes end, its version is the same however it is cut, and that of a document that is one is what the
/// JSON reader finds.
func fuzz(_ input: inout Input) {
  let size = 1 + input.number(below: 16)
  let document = input.rest()
  var whole = DesiredVersion()
  whole.take(document.span)
  var cut = DesiredVersion()
  for start in stride(from: 0, to: document.count, by: size) {
    let piece = Array(document[start..<min(start + size, document.count)])
    cut.take(piece.span)
  }
  demand(cut.number == whole.number, "cut, it is another version")
  // A name with escapes is none that matters here, whatever it means.
  if document.contains(UInt8(ascii: "\\")) { return }
  if let expected = version(document) { demand(whole.number == expected, "\(whole.number), not \(expected)") }
}

/// The version by the reader's tokens; nil when it is no document.
private func version(_ document: [UInt8]) -> UInt32? {
  let bytes = Buffer(document)
  let room = Buffer(max(document.count, 4))
  var reader = JSONReader(buffer: room.region, depthLimit: 32)
  var version: UInt32 = 0
  var isDesired = false
  var isNext = false
  do throws(Failure) {
    try reader.feed(bytes.region, isLast: true)
    while let token = try reader.next() {
      let text = String(decoding: token.text.array, as: UTF8.self)
      if isNext {
        let isInteger = token.kind == .number && text.utf8.allSatisfy { $0 != UInt8(ascii: "-") }
        version = isInteger ? UInt64(text).flatMap { $0 <= 2_147_483_629 ? UInt32($0) : 0 } ?? 0 : 0
        isNext = false
      }
      guard token.kind == .name else { continue }
      if token.depth == 1 { isDesired = text == "desired" }
      isNext = token.depth == 2 && isDesired && text == "$version"
    }
  } catch {
    return nil
  }
  return version
}
