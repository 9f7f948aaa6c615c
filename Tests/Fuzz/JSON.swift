import MoteBytes
import MoteJSON

/// A document: any bytes end, the tokens are the same however it is cut and whatever the buffer holds, and what was read and is
/// written again is read the same.
func fuzz(_ input: inout Input) {
  let size = 4 + input.number(below: 32)
  let pieces = 1 + input.number(below: 16)
  let skipped = input.byte()
  let document = input.rest()
  let whole = read([document], 4096, skipping: 0)
  let cut = stride(from: 0, to: max(document.count, 1), by: pieces).map {
    Array(document[$0..<min($0 + pieces, document.count)])
  }
  demand(read(cut, size, skipping: 0) == whole, "cut, it is something else")
  demand(
    read([document], size, skipping: skipped) == read(cut, size, skipping: skipped), "cut, it skips something else")
  let passed = read(cut, size, skipping: skipped)
  demand(passed.failure == whole.failure, "what is passed over is not checked alike")
  demand(passed.tokens == expected(whole.tokens, skipping: skipped) || whole.failure != nil, "it skips something else")
  demand(JSONGrammar.accepts(document, limit: 20) == (whole.failure == nil), "accepted or not")
  if whole.failure == nil {
    demand(isBalanced(whole.tokens), "not one value")
    write(whole.tokens)
  }
}

private struct Token: Equatable {
  var kind: JSONToken.Kind
  var depth: UInt8
  var text: [UInt8]
}

/// What was told, and the code and offset of the failure.
private struct Told: Equatable {
  var tokens: [Token] = []
  var failure: [Int]?
}

/// What a reader tells, its texts put together. After each token whose number in order has a bit in `skipping`, modulo 8, it passes
/// over what follows.
private func read(_ pieces: [[UInt8]], _ size: Int, skipping: UInt8) -> Told {
  let room = Buffer(size)
  var reader = JSONReader(buffer: room.region, depthLimit: 20)
  var told = Told()
  var text: [UInt8] = []
  var given = 0
  for (place, bytes) in pieces.enumerated() {
    let piece = Buffer(bytes)
    do throws(Failure) {
      try reader.feed(piece.region, isLast: place == pieces.count - 1)
      while let token = try reader.next() {
        demand(room.holds(token.text) && token.offset == text.count, "a text outside the buffer, or a piece of none")
        text += token.text.array
        demand(String(validating: token.text.array, as: UTF8.self) != nil, "a piece that is no text")
        demand(
          token.isComplete || token.kind == .name || token.kind == .string || token.kind == .number, "half a token")
        guard token.isComplete else { continue }
        number(token)
        told.tokens.append(Token(kind: token.kind, depth: token.depth, text: text))
        text = []
        if skipping >> UInt8(told.tokens.count % 8) & 1 != 0 { reader.skip() }
      }
      given += bytes.count
      demand(reader.offset == given, "bytes that were not read")
    } catch {
      told.failure = [Int(error.code), reader.offset]
      demand(reader.offset <= given + bytes.count, "an error behind the end")
      return told
    }
  }
  return told
}

/// What is told of the tokens when, after each whose number in order has a bit in `skipping`, what follows is passed over.
private func expected(_ tokens: [Token], skipping: UInt8) -> [Token] {
  var told: [Token] = []
  var place = 0
  while place < tokens.count {
    let token = tokens[place]
    place += 1
    told.append(token)
    guard skipping >> UInt8(told.count % 8) & 1 != 0 else { continue }
    if token.kind == .name, place < tokens.count { place += 1 }
    guard place > 0, place <= tokens.count else { continue }
    let begun = tokens[place - 1]
    if begun.kind == .beginObject || begun.kind == .beginArray {
      while place < tokens.count, tokens[place].depth > begun.depth { place += 1 }
      place += 1
    }
  }
  return told
}

/// Converts a number in every way: it ends, and where the standard library knows the integer, it is the same.
private func number(_ token: JSONToken) {
  for decimals in 0...18 { _ = try? token.fixedPoint(decimals: decimals) }
  let text = String(decoding: token.text.array, as: UTF8.self)
  guard token.kind == .number && token.isWhole && text.dropFirst().allSatisfy(\.isNumber) else { return }
  demand((try? token.integer()) == Int64(text), "another integer")
}

/// Whether beginnings and ends match, around one value, at the depths that they have.
private func isBalanced(_ tokens: [Token]) -> Bool {
  var open: [JSONToken.Kind] = []
  var values = 0
  for token in tokens {
    if token.kind == .endObject || token.kind == .endArray {
      guard open.popLast() == (token.kind == .endObject ? .beginObject : .beginArray) else { return false }
    }
    guard Int(token.depth) == open.count else { return false }
    if open.isEmpty && token.kind != .endObject && token.kind != .endArray { values += 1 }
    if token.kind == .beginObject || token.kind == .beginArray { open.append(token.kind) }
  }
  return open.isEmpty && values == 1
}

/// Writes the tokens and reads what was written, unless there is a text with a NUL, which the writer refuses.
private func write(_ tokens: [Token]) {
  let size = 2 + 7 * tokens.reduce(0) { $0 + $1.text.count + 1 }
  let room = Buffer(size)
  var writer = JSONWriter(room.region)
  var hasNUL = false
  for token in tokens {
    let text = token.text
    switch token.kind {
    case .beginObject: writer.beginObject()
    case .beginArray: writer.beginArray()
    case .endObject, .endArray: writer.end()
    case .name: writer.name(text.span)
    case .string: writer.string(text.span)
    case .number: writer.raw(text.span)
    case .true: writer.bool(true)
    case .false: writer.bool(false)
    case .null: writer.null()
    }
    if text.contains(0) { hasNUL = true }
  }
  do throws(Failure) {
    let written = try writer.finish()
    demand(!hasNUL && room.holds(written), "a NUL was written, or something outside")
    demand(read([written.array], 4096, skipping: 0) == Told(tokens: tokens), "written, it is something else")
  } catch {
    demand(hasNUL && error == .jsonText, "its own tokens are refused: \(error.code)")
  }
}
