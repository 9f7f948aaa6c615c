public import MoteBytes

/// Writes the head of a request (3). What stands in a line is looked at when the line ends, so that no value, whatever wrote it,
/// can begin another: then the request is refused as a whole.
public struct RequestWriter {
  var writer: Writer
  /// Where the line that is written began.
  private var start: Int
  /// Whether something cannot stand where it was written.
  private(set) var isRefused: Bool
  /// Whether the response has no body, whatever it says (6.3).
  let isHead: Bool
  /// Whether a request without a body says nothing of it.
  let isSilent: Bool

  /// Begins a request. Its target is appended next.
  init(_ room: Region, method: Span<UInt8>) {
    writer = Writer(room)
    start = 0
    isRefused = !method.isToken
    isHead = method.equals(("HEAD" as StaticString).bytes)
    isSilent = isHead || method.equals(("GET" as StaticString).bytes)
    writer.append(method)
    writer.append(UInt8(ascii: " "))
    start = writer.count
  }

  /// Appends to the target, or to a header's value.
  public mutating func append(_ bytes: Span<UInt8>) { writer.append(bytes) }
  public mutating func append(_ literal: StaticString) { writer.append(literal) }
  /// The same, percent-encoded.
  public mutating func appendPercentEncoded(_ bytes: Span<UInt8>) { writer.appendPercentEncoded(bytes) }
  public mutating func appendDecimal(_ value: UInt64) { writer.appendDecimal(value) }

  /// Lets `body` append to the target or to a header's value.
  @inline(__always) public mutating func write<Result>(_ body: (inout Writer) -> Result) -> Result { body(&writer) }

  /// Ends the target, and says whom it is for.
  @inline(never) public mutating func endTarget(host: Span<UInt8>) {
    // A space would end the target, and a target there has to be.
    if writer.count == start || !isClean(andVisible: true) { isRefused = true }
    writer.append(" HTTP/1.1\r\nHost: ")
    start = writer.count
    writer.append(host)
    if writer.count == start || !isClean(andVisible: true) { isRefused = true }
    endLine()
  }

  /// Begins a header. Its value is appended next, and then ``endLine()``.
  @inline(never) public mutating func beginHeader(_ name: Span<UInt8>) {
    if !name.isToken { isRefused = true }
    writer.append(name)
    writer.append(": ")
    start = writer.count
  }

  /// Ends a header.
  @inline(never) public mutating func endLine() {
    if !isClean(andVisible: false) { isRefused = true }
    writer.append("\r\n")
  }

  /// Appends a header. Those that say where the request ends, and whom it is for, are not the application's to write.
  @inline(never) public mutating func appendHeader(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    if let framing = Framing(name), framing != .connection { isRefused = true }
    beginHeader(name)
    writer.append(value)
    endLine()
  }

  /// Ends the head of a request with a body of `length` bytes.
  mutating func end(length: Int) {
    if length > 0 || !isSilent {
      writer.append("Content-Length: ")
      writer.appendDecimal(UInt64(widened: UInt(bitPattern: length)))
      writer.append("\r\n")
    }
    writer.append("\r\n")
  }

  /// Whether no control character was written since `start`, nor, for what has to be visible, a space.
  @inline(never) private func isClean(andVisible isVisible: Bool) -> Bool {
    // What does not fit was not written, and is refused for its size.
    var offset = writer.fits ? start : writer.count
    while offset < writer.count {
      let byte = writer.region[offset]
      if byte.isControl || isVisible && byte.isSpace { return false }
      offset &+= 1
    }
    return true
  }
}
