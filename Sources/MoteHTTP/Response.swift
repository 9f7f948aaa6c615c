import MoteBytes

/// Most bytes of all the lines of a response that are not its body, and most of its lines but chunk sizes.
private var headLimit: Int { 16_384 }
private var lineLimit: Int32 { 128 }

/// What has been read of a response. Bytes stand in the receive buffer from `start` to `end`, and are read line by line, but for
/// the body.
struct Response {
  /// In this order: what expects nothing, what has a body, and what has lines.
  enum Stage: UInt8 {
    /// No response is expected.
    case idle
    /// Nor is one before something of the request has left.
    case request
    /// That it is complete is to be told.
    case complete
    /// As long as the head said.
    case body
    /// Up to the end of the connection.
    case rest
    case chunk
    case chunkSize
    case chunkEnd
    case statusLine
    case headers
    case trailers

    @inline(__always) static func < (one: Stage, other: Stage) -> Bool { one.rawValue < other.rawValue }
  }

  var stage = Stage.idle
  /// Whether the connection takes no other request after this one.
  var closes = false
  /// Whether the server has closed.
  var isEnded = false
  /// Whether the request was HEAD, whose response has no body.
  var isHead = false
  /// What comes behind the head: `rest` until a header says how long the body is, or that it is in chunks.
  private var content = Stage.idle
  /// The digit of HTTP/1.0 or 1.1, and whether the response says that the connection is kept, as that of HTTP/1.0 has to (9.3).
  private var minor: UInt8 = 0
  private var isKept = false
  /// Whether the line that comes is passed over.
  private var isSkipping = false
  /// Below 200 before the status line, and while the response is an interim one.
  private var status: Int32 = 0
  private var linesLeft: Int32 = 0

  var start = 0
  var end = 0
  private var headLeft = 0
  /// What is left of the body or chunk.
  private var left = 0
  /// What the body has had.
  private var offset = 0

  /// Expects a response.
  mutating func begin() {
    stage = .statusLine
    headLeft = headLimit
    linesLeft = lineLimit
    offset = 0
  }

  /// Where to receive to.
  @inline(__always) mutating func space(_ region: Region) -> Region {
    if start == end || end == region.count {
      region.copy(region.part(start, end &- start).bytes, to: 0)
      end &-= start
      start = 0
    }
    return region.part(end, region.count &- end)
  }

  // What follows returns 0, or which rule the server broke. It is static, as in `HTTPConnection`.

  /// Reads up to the next event.
  @inline(__always)
  static func next(_ response: inout Response, _ event: inout HTTPEvent, _ region: Region) -> Int32 {
    while true {
      let start = response.start
      let status = step(&response, &event, region)
      if status != 0 || event.kind != .none { return status }
      // Nothing that came could be taken.
      if start == response.start { break }
    }
    guard response.isEnded && Stage.complete < response.stage else { return 0 }
    // Nothing more comes: a body without a length is complete, and everything else is cut short.
    guard response.stage == .rest else {
      return (response.start < response.end || response.headLeft < headLimit ? Failure.httpCut : .httpClosed).code
    }
    complete(&response, &event)
    return 0
  }

  /// Reads a line, or a piece of the body, when it is there.
  @inline(__always)
  private static func step(_ response: inout Response, _ event: inout HTTPEvent, _ region: Region) -> Int32 {
    let came = region.part(response.start, response.end &- response.start)
    let stage = response.stage
    if stage < .complete { return came.count > 0 ? Failure.httpUnexpected.code : 0 }
    if stage == .complete {
      complete(&response, &event)
      return 0
    }
    if Stage.chunk < stage { return takeLine(&response, came, came.count == region.count, &event) }
    let count = min(came.count, response.left)
    if count == 0 { return 0 }
    event.kind = .body
    event.piece = came.part(0, count)
    event.offset = response.offset
    event.length = stage == .body ? response.offset &+ response.left : -1
    response.start &+= count
    response.offset &+= count
    if stage == .rest { return 0 }
    response.left &-= count
    if response.left == 0 { response.stage = stage == .chunk ? .chunkEnd : .complete }
    return 0
  }

  @inline(__always) private static func complete(_ response: inout Response, _ event: inout HTTPEvent) {
    response.stage = .idle
    event.kind = .complete
  }

  // MARK: Lines

  /// Takes the first line of what `came`, or what there is of a header that does not fit.
  @inline(never)
  private static func takeLine(
    _ response: inout Response, _ came: Region, _ isFull: Bool, _ event: inout HTTPEvent
  ) -> Int32 {
    let length = came.bytes.run(of: .text)
    var passed = length
    if length < came.count {
      // It ends with CR and LF, neither of which is anywhere else (2.2).
      guard came[length] == 0x0D else { return Failure.httpLine.code }
      if length &+ 1 < came.count {
        guard came[length &+ 1] == 0x0A else { return Failure.httpLine.code }
        passed &+= 2
      }
    }
    let isWhole = passed > length
    let isSkipping = response.isSkipping
    if !isWhole && !isFull && !isSkipping { return 0 }
    response.isSkipping = !isWhole
    response.start &+= passed
    // Chunks can be many: each may have a line of its own, and that is all that they cost.
    let stage = response.stage
    if stage < .statusLine {
      passed = max(passed &- 12, 0)
    } else if !isSkipping {
      response.linesLeft &-= 1
    }
    response.headLeft &-= passed
    if response.headLeft < 0 || response.linesLeft < 0 { return Failure.httpLimit.code }
    if isSkipping { return 0 }
    guard isWhole || Stage.statusLine < stage else { return Failure.httpLimit.code }
    let line = came.part(0, length)
    if Stage.statusLine < stage {
      if length > 0 { return takeHeader(&response, line, &event) }
      endHead(&response)
      return 0
    }
    if stage == .statusLine { return takeStatus(&response, line, &event) }
    if stage == .chunkSize { return takeChunkSize(&response, line) }
    guard length == 0 else { return Failure.httpChunk.code }
    response.stage = .chunkSize
    return 0
  }

  /// `HTTP/1.1 200 OK` (4).
  @inline(never)
  private static func takeStatus(_ response: inout Response, _ line: Region, _ event: inout HTTPEvent) -> Int32 {
    guard line.count >= 12, line.begins(with: "HTTP/1."),
      line[7] &- UInt8(ascii: "0") < 10, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
      case (let number, 3) = line.part(9, 3).bytes.number(base: 10), number >= 100,
      // Nobody asked for another protocol.
      number != 101
    else { return Failure.httpStatusLine.code }
    let status = Int32(truncatingIfNeeded: number)
    response.minor = line[7]
    response.isKept = false
    response.content = .rest
    response.left = .max
    response.stage = .headers
    response.status = status
    if status < 200 { return 0 }
    event.kind = .response
    event.status = status
    return 0
  }

  /// `5;extension` (7.1).
  @inline(never) private static func takeChunkSize(_ response: inout Response, _ line: Region) -> Int32 {
    let (size, digits) = line.bytes.number(base: 16)
    let rest = line.part(digits, line.count &- digits).trimmed
    guard digits > 0, digits == line.count || rest.count > 0 && rest[0] == UInt8(ascii: ";") else {
      return Failure.httpChunk.code
    }
    response.left = size
    response.stage = size > 0 ? .chunk : .trailers
    return 0
  }

  /// `name: value` (5), or its beginning, which has to tell that the rest may be passed over.
  @inline(never)
  private static func takeHeader(_ response: inout Response, _ line: Region, _ event: inout HTTPEvent) -> Int32 {
    let length = line.bytes.run(of: .token)
    guard length > 0 && length < line.count && line[length] == UInt8(ascii: ":") else {
      if response.isSkipping { return Failure.httpLimit.code }
      return (line[0].isSpace ? Failure.httpFolding : .httpHeader).code
    }
    let name = line.part(0, length)
    let word = Word(name.bytes)
    if response.isSkipping && word.isHeader { return Failure.httpLimit.code }
    // What comes after the body says nothing of it (6.5.1), and is told to nobody.
    if response.stage == .trailers { return 0 }
    let value = line.part(length &+ 1, line.count &- length &- 1).trimmed
    let failure = takeFraming(&response, word, value)
    if failure != 0 || response.status < 200 { return failure }
    event.name = name
    event.kind = .skipped
    if response.isSkipping { return 0 }
    event.kind = .header
    event.value = value
    return 0
  }

  /// What says where the response ends (6.3). Whatever can be understood in two ways is refused.
  @inline(never)
  private static func takeFraming(_ response: inout Response, _ header: Word, _ value: Region) -> Int32 {
    switch header {
    case .length:
      let (length, digits) = value.bytes.number(base: 10)
      guard digits > 0 && digits == value.count,
        response.content == .rest || response.content == .body && length == response.left
      else { return Failure.httpLength.code }
      response.content = .body
      response.left = length
    case .encoding:
      guard response.content != .chunkSize, response.minor != UInt8(ascii: "0"), Word(value.bytes) == .chunked else {
        return Failure.httpEncoding.code
      }
      guard response.content == .rest else { return Failure.httpLength.code }
      response.content = .chunkSize
    case .connection:
      var rest = value
      while true {
        let list = rest
        let length = list.bytes.place(of: UInt8(ascii: ","))
        let option = Word(list.part(0, length).trimmed.bytes)
        if option == .close { response.closes = true }
        if option == .keepAlive { response.isKept = true }
        if length == list.count { break }
        rest = list.part(length &+ 1, list.count &- length &- 1)
      }
    default: break
    }
    return 0
  }

  /// The empty line behind the headers, or behind the trailers.
  @inline(__always) private static func endHead(_ response: inout Response) {
    if response.stage == .trailers {
      response.stage = .complete
      return
    }
    if response.minor == UInt8(ascii: "0") && !response.isKept { response.closes = true }
    let status = response.status
    if status < 200 {
      response.stage = .statusLine
      return
    }
    response.stage =
      response.isHead || status == 204 || status == 304 || response.left == 0 ? .complete : response.content
    if response.stage == .rest { response.closes = true }
  }
}
