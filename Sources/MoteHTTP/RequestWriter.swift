public import MoteBytes

/// Writes the head of a request (3). What stands in a part of it is looked at when the part ends, so that no value, whatever wrote
/// it, can begin another line: then the request is refused as a whole.
public struct RequestWriter {
  var writer: Writer
  /// Where the part that is written began.
  private var start = 0
  /// Whether something cannot stand where it was written.
  private(set) var isRefused = false

  /// Begins a request in `room`. Its target is appended next.
  @inline(__always) init(_ room: Region, method: Span<UInt8>) {
    writer = Writer(room)
    begin(method)
  }

  @inline(never) private mutating func begin(_ method: Span<UInt8>) {
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

  /// Ends the head of a request with a body of `length` bytes, of which a silent one says nothing when there are none.
  @inline(__always) mutating func end(length: Int, isSilent: Bool) {
    if length > 0 || !isSilent {
      beginHeader(("Content-Length" as StaticString).bytes)
      writer.appendDecimal(UInt64(widened: UInt(bitPattern: length)))
      endLine()
    }
    endLine()
  }

  /// Ends a part, which is made of such characters, with `mark`.
  @inline(__always) private mutating func end(_ characters: Characters, _ mark: StaticString) {
    end(characters, mark.bytes)
  }

  @inline(never) private mutating func end(_ characters: Characters, _ mark: Span<UInt8>) {
    // What does not fit was not written, and is refused for its size.
    if writer.fits {
      let part = writer.region.part(start, writer.count &- start).bytes
      let run = part.run(of: characters)
      if run < part.count || run == 0 && characters != .text { isRefused = true }
    }
    writer.append(mark)
    start = writer.count
  }
}
