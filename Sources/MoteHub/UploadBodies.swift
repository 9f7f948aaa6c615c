public import MoteBytes

/// What a device says of a file, to the hub and to the storage that it goes to.
extension Writer {
  /// Appends the question where a file goes that is to be called `name`: `{"blobName":"dir/log.bin"}`.
  public mutating func appendUploadQuestion(name: Region) {
    append("{\"blobName\":\"")
    for offset in 0..<name.count {
      let byte = name[offset]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
      append(byte)
    }
    append("\"}")
  }

  /// Appends what became of a file: `{"correlationId":"…","isSuccess":true,"statusCode":200,"statusDescription":"0"}`. The
  /// description is the `mote_status` without its sign.
  public mutating func appendUploadOutcome(of correlation: Region, httpStatus: Int32, failure: Int32) {
    append("{\"correlationId\":\"")
    append(correlation.bytes)
    append("\",\"isSuccess\":")
    append(failure == 0 ? "true" : "false")
    append(",\"statusCode\":")
    appendDecimal(UInt64(widened: UInt(httpStatus.magnitude)))
    append(",\"statusDescription\":\"")
    appendDecimal(UInt64(widened: UInt(failure.magnitude)))
    append("\"}")
  }

  /// Appends where a file goes: `/{container}/{blob}{token}`.
  public mutating func appendBlobTarget(_ answer: UploadAnswer) {
    append(UInt8(ascii: "/"))
    append(answer.container.bytes)
    append(UInt8(ascii: "/"))
    appendPercentEncoded(answer.blob.bytes)
    if answer.token[0] != UInt8(ascii: "?") { append(UInt8(ascii: "?")) }
    append(answer.token.bytes)
  }

  /// Appends the name of a block: base64 of its number in six digits, which is always eight letters and digits.
  @inline(never) public mutating func appendBlockName(_ number: Int) {
    var digits: InlineArray<6, UInt8> = .init(repeating: 0)
    var rest = UInt64(widened: UInt(bitPattern: number))
    var place = 6
    while place > 0 {
      place &-= 1
      digits[place] = UInt8(ascii: "0") &+ rest.divideByTen()
    }
    appendBase64(digits.span, escaped: false)
  }
}

/// The list that makes a blob of its blocks, `<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>MDAwMDAw</Latest>…`: written
/// from nothing but their number, in pieces.
public struct BlockList {
  private static var start: StaticString { "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>" }
  private static var end: StaticString { "</BlockList>" }
  private static var nameCount: Int { 25 }

  private let blocks: Int
  /// The block whose turn it is.
  private var number = 0

  public init(blocks: Int) { self.blocks = blocks }

  /// How many bytes it has.
  public var count: Int {
    BlockList.start.utf8CodeUnitCount &+ BlockList.end.utf8CodeUnitCount &+ blocks &* BlockList.nameCount
  }

  /// Writes its next piece into `room`, the first one when it `isFirst`: how many bytes. A room of 64 holds one.
  public mutating func write(into room: Region, isFirst: Bool) -> Int {
    var writer = Writer(room)
    if isFirst {
      number = 0
      writer.append(BlockList.start)
    }
    while number < blocks && room.count &- writer.count >= BlockList.nameCount {
      writer.append("<Latest>")
      writer.appendBlockName(number)
      writer.append("</Latest>")
      number &+= 1
    }
    let end = BlockList.end.utf8CodeUnitCount
    if number == blocks && room.count &- writer.count >= end { writer.append(BlockList.end) }
    return writer.count
  }
}
