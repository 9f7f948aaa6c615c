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
  private var isHead = false
  private var hasLength = false
  private var isChunked = false
  /// Whether the response is of HTTP/1.0, and has to say that the connection is kept (9.3).
  private var isOld = false
  private var isKept = false
  /// Whether the line that comes is passed over.
  private var isSkipping = false
  /// Whether anything of it has come.
  private var hasBegun = false
  private var linesLeft: UInt8 = 0
  /// 0 before the status line, and while the response is an interim one.
  private var status: UInt16 = 0

  var start = 0
  var end = 0
  /// Up to where the end of a line has been looked for.
  private var scanned = 0
  private var headLeft = 0
  /// What is left of the body or chunk.
  private var left = 0
  /// What the body has had.
  private var offset = 0

  /// Expects a response.
  mutating func begin(isHead: Bool) {
    stage = .statusLine
    self.isHead = isHead
    hasBegun = false
    headLeft = headLimit
    linesLeft = lineLimit
    offset = 0
  }

  /// Where to receive to.
  @inline(__always) mutating func space(_ region: Region) -> Region {
    if start == end || end == region.count {
      region.copy(region.part(start, end &- start).bytes, to: 0)
      scanned = max(scanned &- start, 0)
      end &-= start
      start = 0
    }
    return region.part(end, region.count &- end)
  }

  /// Reads up to the next event.
  @inline(__always) mutating func next(_ event: inout HTTPEvent, _ region: Region) throws(Failure) {
    if start < end { hasBegun = true }
    while event.kind == .none {
      switch stage {
      case .idle:
        if start < end { throw .httpUnexpected }
        return
      case .complete:
        stage = .idle
        event.kind = .complete
      case .body, .chunk, .rest:
        let count = min(end &- start, left)
        if count == 0 { return try wait(&event) }
        event.kind = .body
        event.piece = region.part(start, count)
        event.offset = offset
        event.total = hasLength ? offset &+ left : nil
        start &+= count
        offset &+= count
        if stage == .rest { return }
        left &-= count
        if left == 0 { stage = stage == .chunk ? .chunkEnd : .complete }
      default:
        if let line = try nextLine(region, &event) {
          try take(line, &event)
        } else if event.kind == .none {
          return try wait(&event)
        }
      }
    }
  }

  /// More has to come; when none will, a body without a length is complete, and everything else is cut short.
  @inline(__always) private mutating func wait(_ event: inout HTTPEvent) throws(Failure) {
    guard isEnded else { return }
    guard stage == .rest else { throw hasBegun ? .httpCut : .httpClosed }
    stage = .idle
    event.kind = .complete
  }

  // MARK: Lines

  /// The next line, without its end; nil: it has not come yet, or the event tells that it is passed over.
  @inline(never) private mutating func nextLine(_ region: Region, _ event: inout HTTPEvent) throws(Failure) -> Region? {
    scanned = max(scanned, start)
    // After a CR there is an LF, and no LF without (2.2).
    while scanned < end {
      let byte = region[scanned]
      let isAfterReturn = scanned > start && region[scanned &- 1] == 0x0D
      guard (byte == 0x0A) == isAfterReturn, byte == 0x0A || byte == 0x0D || !byte.isControl else { throw .httpLine }
      scanned &+= 1
      if isAfterReturn {
        let line = region.part(start, scanned &- start &- 2)
        try count(scanned &- start)
        if stage != .chunkSize && stage != .chunkEnd {
          guard linesLeft > 0 else { throw .httpLimit }
          linesLeft &-= 1
        }
        start = scanned
        if !isSkipping { return line }
        isSkipping = false
      }
    }
    if isSkipping || end &- start == region.count {
      if !isSkipping {
        // What it begins with has to tell that it may be passed over.
        let colon = region.bytes.place(of: UInt8(ascii: ":"))
        let name = region.part(0, colon)
        guard stage == .headers || stage == .trailers, colon < end, name.bytes.isToken, Framing(name.bytes) == nil
        else {
          throw .httpLimit
        }
        isSkipping = true
        if stage == .headers && status != 0 {
          event.kind = .skipped
          event.name = name
        }
      }
      // A CR that stands last is looked at once more.
      let passed = max(end &- 1, start)
      try count(passed &- start)
      start = passed
    }
    return nil
  }

  /// Counts bytes that are not the body's.
  private mutating func count(_ count: Int) throws(Failure) {
    headLeft &-= count
    // Chunks can be many: each may have a line of its own, and that is all that they cost.
    if stage == .chunkSize || stage == .chunkEnd { headLeft &+= min(count, 12) }
    if headLeft < 0 { throw .httpLimit }
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
    isKept = false
    closes = false
    hasLength = false
    isChunked = false
    left = 0
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
    if let framing = Framing(name.bytes) { try takeFraming(framing, value) }
    if status == 0 { return }
    event.kind = .header
    event.name = name
    event.value = value
  }

  /// What says where the response ends (6.3). Whatever can be understood in two ways is refused.
  @inline(__always) private mutating func takeFraming(_ framing: Framing, _ value: Region) throws(Failure) {
    switch framing {
    case .length:
      guard let length = value.bytes.length, !hasLength || length == left else { throw .httpLength }
      hasLength = true
      left = length
    case .encoding:
      guard !isChunked, !isOld, value.bytes.equalsIgnoringCase("chunked") else { throw .httpEncoding }
      isChunked = true
    case .connection:
      var place = 0
      while place <= value.count {
        let rest = value.part(place, value.count &- place)
        let length = rest.bytes.place(of: UInt8(ascii: ","))
        let option = rest.trimmed(0, length)
        if option.bytes.equalsIgnoringCase("close") { closes = true }
        if option.bytes.equalsIgnoringCase("keep-alive") { isKept = true }
        place &+= length &+ 1
      }
    case .host: break
    }
  }

  /// The empty line behind the headers, or behind the trailers.
  @inline(__always) private mutating func endHead() throws(Failure) {
    if stage == .trailers {
      stage = .complete
      return
    }
    if isChunked && hasLength { throw .httpLength }
    if isOld && !isKept { closes = true }
    if status == 0 {
      stage = .statusLine
    } else if isHead || status == 204 || status == 304 {
      stage = .complete
    } else if isChunked {
      stage = .chunkSize
    } else if hasLength {
      stage = left > 0 ? .body : .complete
    } else {
      stage = .rest
      left = .max
      closes = true
    }
  }
}
