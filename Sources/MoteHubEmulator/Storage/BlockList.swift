#if Tools

import Foundation

/// Of which blocks a blob is to be made, in their order: the body of Put Block List.
struct BlockList: Hashable {
  /// Most blocks of a blob.
  static let mostBlocks = 50_000

  struct Entry: Hashable {
    /// Where a block is looked for.
    enum Place: String {
      /// Among those that have come, and else in the blob as it is.
      case latest = "Latest"
      case uncommitted = "Uncommitted"
      /// In the blob as it is.
      case committed = "Committed"
    }

    let place: Place
    let id: String
  }

  let entries: [Entry]

  init(_ entries: [Entry]) { self.entries = entries }

  /// Reads the XML: a declaration or none, and an element `BlockList` whose elements have nothing but text in them. There are
  /// no attributes in it, no entities, and no comments between the elements.
  init(xml: [UInt8]) throws(StorageError) {
    var reader = XMLReader(xml)
    try reader.skipDeclaration()
    guard reader.skip("<BlockList>") else {
      guard reader.skip("<BlockList/>") else { throw XMLReader.malformed }
      entries = []
      try reader.end()
      return
    }
    var entries: [Entry] = []
    while !reader.skip("</BlockList>") {
      let (name, text) = try reader.element()
      guard let place = Entry.Place(rawValue: name) else {
        throw StorageError(400, "InvalidXmlNodeValue", "An element is none of Latest, Uncommitted and Committed.")
      }
      if entries.count == Self.mostBlocks {
        throw StorageError(400, "BlockListTooLong", "A blob has \(Self.mostBlocks) blocks at most.")
      }
      entries.append(Entry(place: place, id: try Self.checked(text)))
    }
    self.entries = entries
    try reader.end()
  }

  /// A block's identifier: base64 of 1 to 64 bytes.
  static func checked(_ id: String) throws(StorageError) -> String {
    guard let bytes = Data(base64Encoded: id), (1...64).contains(bytes.count) else {
      throw StorageError(400, "InvalidBlockId", "The block's identifier is not base64 of 1 to 64 bytes.")
    }
    return id
  }
}

/// As much of XML as a list of blocks has.
private struct XMLReader {
  static let malformed = StorageError(400, "InvalidXmlDocument", "The body is not the XML of a list of blocks.")

  private let bytes: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // The mark that some put before UTF-8.
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Skips white space, and then a text when it stands there.
  mutating func skip(_ text: StaticString) -> Bool {
    skipSpace()
    let text = text.description.utf8
    guard bytes[position...].starts(with: text) else { return false }
    position += text.count
    return true
  }

  mutating func skipDeclaration() throws(StorageError) {
    guard skip("<?xml ") else { return }
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")), bytes[end - 1] == UInt8(ascii: "?") else {
      throw Self.malformed
    }
    position = end + 1
  }

  /// `<name>text</name>`, the text without white space around.
  mutating func element() throws(StorageError) -> (name: String, text: String) {
    guard skip("<") else { throw Self.malformed }
    let name = try text(until: UInt8(ascii: ">"))
    skipSpace()
    let text = try self.text(until: UInt8(ascii: "<")), end = "/\(name)>".utf8
    guard bytes[position...].starts(with: end) else { throw Self.malformed }
    position += end.count
    return (name, text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Throws when something comes after.
  mutating func end() throws(StorageError) {
    skipSpace()
    if position < bytes.count { throw Self.malformed }
  }

  private mutating func text(until end: UInt8) throws(StorageError) -> String {
    guard let index = bytes[position...].firstIndex(of: end),
      let text = String(validating: bytes[position..<index], as: UTF8.self)
    else { throw Self.malformed }
    position = index + 1
    return text
  }

  private mutating func skipSpace() {
    position = bytes[position...].firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? bytes.count
  }
}

#endif
