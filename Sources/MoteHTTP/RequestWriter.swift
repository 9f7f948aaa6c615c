public import MoteBytes

/// Writes the head of a request (3). What stands in a part of it is looked at when the part ends, so that no value, whatever wrote
/// it, can begin another line: then the request is refused as a whole.
public struct RequestWriter {
  var writer: Writer
  /// Where the part that is written began.
  private var start = 0
  /// Whether something cannot stand where it was written.
  private(set) var isRefused = false
  /// Whether the response has no body, whatever it says (6.3).
  let isHead: Bool
  /// Whether a request without a body says nothing of it.
  let isSilent: Bool

  /// Begins a request. Its target is appended next.
  init(_ room: Region, method: Span<UInt8>) {
    writer = Writer(room)
    isHead = method.equals(("HEAD" as StaticString).bytes)
    isSilent = isHead || method.equals(("GET" as StaticString).bytes)
    writer.append(method)
    end(.token, " ")
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
    end(.visible, " HTTP/1.1\r\nHost: ")
    writer.append(host)
    end(.visible, "\r\n")
  }

  /// Begins a header. Its value is appended next, and then ``endLine()``.
  @inline(never) public mutating func beginHeader(_ name: Span<UInt8>) {
    writer.append(name)
    end(.token, ": ")
  }

  /// Ends a header.
  @inline(never) public mutating func endLine() { end(.text, "\r\n") }

  /// Appends a header. Those that say where the request ends, and whom it is for, are not the application's to write.
  @inline(never) public mutating func appendHeader(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    let word = Word(name)
    if word.isHeader && word != .connection { isRefused = true }
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

  /// Ends a part, which is made of such characters, with `mark`.
  @inline(__always) private mutating func end(_ characters: Characters, _ mark: StaticString) {
    end(characters, mark.bytes)
  }

  @inline(never) private mutating func end(_ characters: Characters, _ mark: Span<UInt8>) {
    // What does not fit was not written, and is refused for its size.
    if writer.fits && !writer.region.part(start, writer.count &- start).bytes.consists(of: characters) {
      isRefused = true
    }
    writer.append(mark)
    start = writer.count
  }
}
