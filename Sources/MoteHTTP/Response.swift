import MoteBytes

/// Most bytes of all the lines of a response that are not its body, and most of its lines but chunk sizes.
private var headLimit: Int { 16_384 }
private var lineLimit: UInt8 { 128 }

/// What has been read of a response. Bytes stand in the receive buffer from `start` to `end`, and are read line by line, but for
/// the body.
struct Response {
  enum Stage: UInt8 {
    /// No response is expected.
    case idle
    /// Nor is one before something of the request has left.
    case request
    case statusLine
    case headers
    /// As long as the head said.
    case body
    /// Up to the end of the connection.
    case rest
    case chunkSize
    case chunk
    case chunkEnd
    case trailers
    /// That it is complete is to be told.
    case complete
  }

  var stage = Stage.idle
  /// Whether the connection takes no other request after this one.
  var closes = false
  /// Whether the server has closed.
  var isEnded = false
  /// Whether the request was HEAD, whose response has no body.
  var isHead = false
  /// What comes behind the head: `rest` until a header says how long the body is, or that it is in chunks.
  private var content = Stage.rest
  /// Whether the response is of HTTP/1.0, and has to say that the connection is kept (9.3).
  private var isOld = false
  private var isKept = false
  /// Whether the line that comes is passed over.
  private var isSkipping = false
  private var linesLeft: UInt8 = 0
  /// 0 before the status line, and while the response is an interim one.
  private var status: UInt16 = 0

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

  /// Reads up to the next event.
  @inline(__always) mutating func next(_ event: inout HTTPEvent, _ region: Region) throws(Failure) {
    while event.kind == .none, try step(&event, region) {}
  }

  /// Reads a line, or a piece of the body; false: it has not come yet.
  @inline(never) private mutating func step(_ event: inout HTTPEvent, _ region: Region) throws(Failure) -> Bool {
    let came = region.part(start, end &- start)
    switch stage {
    case .idle, .request:
      if came.count > 0 { throw .httpUnexpected }
      return false
    case .complete:
      complete(&event)
    case .body, .chunk, .rest:
      let count = min(came.count, left)
      if count == 0 { return try wait(&event) }
      event.kind = .body
      event.piece = came.part(0, count)
      event.offset = offset
      event.total = stage == .body ? offset &+ left : nil
      start &+= count
      offset &+= count
      if stage == .rest { return true }
      left &-= count
      if left == 0 { stage = stage == .chunk ? .chunkEnd : .complete }
    default:
      return try takeLine(came, region, &event)
    }
    return true
  }

  /// More has to come; when none will, a body without a length is complete, and everything else is cut short.
  @inline(never) private mutating func wait(_ event: inout HTTPEvent) throws(Failure) -> Bool {
    guard isEnded else { return false }
    guard stage == .rest else { throw start < end || linesLeft < lineLimit ? .httpCut : .httpClosed }
    complete(&event)
    return true
  }

  @inline(__always) private mutating func complete(_ event: inout HTTPEvent) {
    stage = .idle
    event.kind = .complete
  }

  // MARK: Lines

  /// Takes the first line of what `came`, or passes over what there is of it.
  @inline(__always)
  private mutating func takeLine(_ came: Region, _ region: Region, _ event: inout HTTPEvent) throws(Failure) -> Bool {
    let feed = came.bytes.place(of: 0x0A)
    // Before an LF there is a CR, and none but there (2.2). One that stands last is looked at once more.
    var length = feed
    if length > 0 && came[length &- 1] == 0x0D { length &-= 1 }
    let line = came.part(0, length)
    guard line.bytes.consists(of: .text), length < feed || feed == came.count else { throw .httpLine }
    let isWhole = feed < came.count
    if !isWhole && !isSkipping {
      if came.count < region.count { return try wait(&event) }
      // What it begins with has to tell that it may be passed over.
      let name = line.part(0, line.bytes.place(of: UInt8(ascii: ":")))
      guard stage == .headers || stage == .trailers, name.count < line.count, name.bytes.isToken,
        !Word(name.bytes).isHeader
      else {
        throw .httpLimit
      }
      isSkipping = true
      if stage == .headers && status != 0 {
        event.kind = .skipped
        event.name = name
      }
    }
    let passed = isWhole ? feed &+ 1 : length
    start &+= passed
    // Chunks can be many: each may have a line of its own, and that is all that they cost.
    let isOfChunk = stage == .chunkSize || stage == .chunkEnd
    headLeft &-= isOfChunk ? max(passed &- 12, 0) : passed
    if isWhole && !isOfChunk {
      guard linesLeft > 0 else { throw .httpLimit }
      linesLeft &-= 1
    }
    if headLeft < 0 { throw .httpLimit }
    if !isWhole { return event.kind == .none ? try wait(&event) : true }
    if isSkipping {
      isSkipping = false
    } else {
      try take(line, &event)
    }
    return true
  }

  @inline(__always) private mutating func take(_ line: Region, _ event: inout HTTPEvent) throws(Failure) {
    switch stage {
    case .statusLine: try takeStatus(line, &event)
    case .chunkSize: try takeChunkSize(line)
    case .chunkEnd:
      guard line.count == 0 else { throw .httpChunk }
      stage = .chunkSize
    default:
      if line.count == 0 { try endHead() } else { try takeHeader(line, &event) }
    }
  }

  /// `HTTP/1.1 200 OK` (4).
  @inline(__always) private mutating func takeStatus(_ line: Region, _ event: inout HTTPEvent) throws(Failure) {
    guard line.count >= 12, line.part(0, 7).bytes.equals(("HTTP/1." as StaticString).bytes),
      line[7] &- UInt8(ascii: "0") < 10, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
      let number = line.part(9, 3).bytes.length, number >= 100,
      // Nobody asked for another protocol.
      number != 101
    else { throw .httpStatusLine }
    isOld = line[7] == UInt8(ascii: "0")
    isKept = !isOld
    content = .rest
    left = .max
    stage = .headers
    status = 0
    if number < 200 { return }
    status = UInt16(truncatingIfNeeded: number)
    event.kind = .response
    event.status = Int32(truncatingIfNeeded: number)
  }

  /// `5;extension` (7.1).
  @inline(__always) private mutating func takeChunkSize(_ line: Region) throws(Failure) {
    var size = 0
    var place = 0
    while place < line.count, let digit = line[place].hexadecimalValue {
      guard size &>> 27 == 0 else { throw .httpChunk }
      size = size &<< 4 | Int(digit)
      place &+= 1
    }
    let rest = line.trimmed(place, line.count)
    guard place > 0, place == line.count || rest.count > 0 && rest[0] == UInt8(ascii: ";") else { throw .httpChunk }
    left = size
    stage = size > 0 ? .chunk : .trailers
  }

  /// `name: value` (5).
  @inline(__always) private mutating func takeHeader(_ line: Region, _ event: inout HTTPEvent) throws(Failure) {
    guard !line[0].isSpace else { throw .httpFolding }
    let colon = line.bytes.place(of: UInt8(ascii: ":"))
    let name = line.part(0, colon)
    guard colon < line.count && name.bytes.isToken else { throw .httpHeader }
    // What comes after the body says nothing of it (6.5.1), and is told to nobody.
    if stage == .trailers { return }
    let value = line.trimmed(colon &+ 1, line.count)
    try takeFraming(Word(name.bytes), value)
    if status == 0 { return }
    event.kind = .header
    event.name = name
    event.value = value
  }

  /// What says where the response ends (6.3). Whatever can be understood in two ways is refused.
  @inline(__always) private mutating func takeFraming(_ header: Word, _ value: Region) throws(Failure) {
    switch header {
    case .length:
      guard let length = value.bytes.length, content == .rest || content == .body && length == left else {
        throw .httpLength
      }
      content = .body
      left = length
    case .encoding:
      guard content != .chunkSize, !isOld, Word(value.bytes) == .chunked else { throw .httpEncoding }
      guard content == .rest else { throw .httpLength }
      content = .chunkSize
    case .connection:
      var place = 0
      while place <= value.count {
        let rest = value.part(place, value.count &- place)
        let length = rest.bytes.place(of: UInt8(ascii: ","))
        let option = Word(rest.trimmed(0, length).bytes)
        if option == .close { closes = true }
        if option == .keepAlive { isKept = true }
        place &+= length &+ 1
      }
    default: break
    }
  }

  /// The empty line behind the headers, or behind the trailers.
  @inline(__always) private mutating func endHead() throws(Failure) {
    if stage == .trailers {
      stage = .complete
      return
    }
    if !isKept { closes = true }
    if status == 0 {
      stage = .statusLine
      return
    }
    stage = isHead || status == 204 || status == 304 || left == 0 ? .complete : content
    if stage == .rest { closes = true }
  }
}
