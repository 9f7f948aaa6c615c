import MoteBytes
import MoteHTTP
import Testing

/// Each way to break the rules has an error that names the rule; what two parsers could understand in two ways is refused.
struct MalformedTests {
  static let ok = "HTTP/1.1 200 OK\r\n"

  static let responses: [(bytes: String, failure: Failure)] = [
    // The status line (4).
    ("HTTP/2.0 200 OK\r\n", .httpStatusLine), ("HTTP/1.1 20 OK\r\n", .httpStatusLine),
    ("HTTP/1.1 2000 OK\r\n", .httpStatusLine), ("HTTP/1.1 099 OK\r\n", .httpStatusLine),
    ("HTTP/1.1 2x0 OK\r\n", .httpStatusLine), ("HTTP/1.1  200 OK\r\n", .httpStatusLine),
    ("HTTP/1.1 200OK\r\n", .httpStatusLine), ("HTTP/1.x 200 OK\r\n", .httpStatusLine),
    ("http/1.1 200 OK\r\n", .httpStatusLine), ("ICY 200 OK\r\n", .httpStatusLine), ("\r\n", .httpStatusLine),
    (" HTTP/1.1 200 OK\r\n", .httpStatusLine), ("HTTP/1.1\t200 OK\r\n", .httpStatusLine),
    ("HTTP/1.1 101 Switching Protocols\r\n", .httpStatusLine), ("HTTP/1.1 \r\n", .httpStatusLine),
    // Lines end with CR LF, and have no control characters (2.2; RFC 9110, 5.5).
    ("HTTP/1.1 200 OK\n", .httpLine), ("HTTP/1.1 200 OK\r", .httpLine), (ok + "A: b\n", .httpLine),
    (ok + "A: b\rc\r\n", .httpLine), (ok + "A: b\0\r\n", .httpLine), (ok + "A: \u{1}\r\n", .httpLine),
    (ok + "A: \u{7F}\r\n", .httpLine), (ok + "A: b\r\r\n", .httpLine), (ok + "\n", .httpLine),
    // Headers (5).
    (ok + "no colon\r\n", .httpHeader), (ok + ": empty\r\n", .httpHeader), (ok + "A : b\r\n", .httpHeader),
    (ok + "Content-Length : 5\r\n", .httpHeader), (ok + "A\tB: c\r\n", .httpHeader), (ok + "A(): c\r\n", .httpHeader),
    (ok + "é: c\r\n", .httpHeader), (ok + "A\r\n", .httpHeader),
    // Obsolete folding (5.2), also in front of the first header (2.2).
    (ok + "A: b\r\n c\r\n", .httpFolding), (ok + "A: b\r\n\tc\r\n", .httpFolding), (ok + " A: b\r\n", .httpFolding),
    (ok + "Transfer-Encoding:\r\n chunked\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n", .httpFolding),
    // Lengths (6.3).
    (ok + "Content-Length: \r\n", .httpLength), (ok + "Content-Length: -1\r\n", .httpLength),
    (ok + "Content-Length: +5\r\n", .httpLength), (ok + "Content-Length: 5, 5\r\n", .httpLength),
    (ok + "Content-Length: 5 5\r\n", .httpLength), (ok + "Content-Length: 0x5\r\n", .httpLength),
    (ok + "Content-Length: 5a\r\n", .httpLength), (ok + "Content-Length: 9223372036854775808\r\n", .httpLength),
    (ok + "Content-Length: 99999999999999999999999999\r\n", .httpLength),
    (ok + "Content-Length: 5\r\nContent-Length: 6\r\n", .httpLength),
    (ok + "Content-Length: 5\r\ncontent-length: 0\r\n", .httpLength),
    (ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .httpLength),
    (ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", .httpLength),
    (ok + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", .httpLength),
    ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", .httpLength),
    // Encodings (6.1).
    (ok + "Transfer-Encoding: gzip\r\n", .httpEncoding), (ok + "Transfer-Encoding: gzip, chunked\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: chunked, identity\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: xchunked\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: \"chunked\"\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: chunked;q=1\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .httpEncoding),
    (ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", .httpEncoding),
    ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", .httpEncoding),
    ("HTTP/1.0 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n", .httpEncoding),
    // Chunks (7.1).
    (chunked + "\r\n", .httpChunk), (chunked + "x\r\n", .httpChunk), (chunked + "0x5\r\n", .httpChunk),
    (chunked + "+5\r\n", .httpChunk), (chunked + "-1\r\n", .httpChunk), (chunked + "5 5\r\n", .httpChunk),
    (chunked + " 5\r\n", .httpChunk), (chunked + "5x\r\n", .httpChunk), (chunked + "5 \r\n", .httpChunk),
    (chunked + "80000000\r\n", .httpChunk), (chunked + "FFFFFFFFFFFFFFFF\r\n", .httpChunk),
    (chunked + "10000000000000001\r\n", .httpChunk), (chunked + "1\r\nxy\r\n", .httpChunk),
    (chunked + "2\r\nx\r\n0\r\n\r\n", .httpLine), (chunked + "1\r\nx\n", .httpLine), (chunked + "1\nx", .httpLine),
    (chunked + "0\r\nno colon\r\n", .httpHeader),
  ]
  static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"

  @Test("Each, at once and byte by byte", arguments: responses.indices)
  func refused(_ index: Int) throws {
    let (text, failure) = MalformedTests.responses[index]
    for step in [1, 2, .max] {
      // A CR alone shows when something else follows.
      let told = try told(text + (text.hasSuffix("\r") ? "x" : ""), step: step)
      #expect(told.failure == failure && !told.isComplete, "\(text.debugDescription)")
    }
  }

  @Test("What nobody asked for is no answer to what is asked next")
  func unexpected() throws {
    var told = Told()
    let response = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)

    // Before any request, and before the first byte of one has left.
    let before = Peer()
    before.receive(response, &told)
    #expect(told.failure == .httpUnexpected)
    let waiting = Peer()
    var request = waiting.connection.compose(Array("GET".utf8).span)
    request.append("/")
    request.endTarget(host: Array("h".utf8).span)
    try waiting.connection.send(request)
    told = Told()
    waiting.receive(response, &told)
    #expect(told.failure == .httpUnexpected && told.status == 0)

    // Behind a response, and not taken before the next request.
    let after = Peer()
    try after.request()
    told = Told()
    after.receive(response + response, &told)
    #expect(told.isComplete && told.failure == .httpUnexpected)
    #expect(failure { () throws(Failure) in try after.connection.send(request) } == .httpUnexpected)
  }

  @Test("A header longer than the buffer is passed over, and the rest is read as it is", arguments: [1, 5, 64, .max])
  func longHeader(_ step: Int) throws {
    for length in [100, 127, 128, 129, 130, 131, 300, 5_000] {
      let value = String(repeating: "v", count: length)
      let told = try told(
        "HTTP/1.1 200 OK\r\nA: b\r\nSet-Cookie: \(value): Content-Length: 9\r\nContent-Length: 2\r\n\r\nhi",
        receive: 128,
        step: step)
      #expect(told.isComplete && told.failure == nil && told.body == Array("hi".utf8) && told.total == 2)
      #expect(told.headers.first == "A: b" && told.headers.last == "Content-Length: 2")
      // 128 bytes, with the line's end.
      let fits = "Set-Cookie: ".utf8.count + length + ": Content-Length: 9".utf8.count + 2 <= 128
      #expect(told.headers.count == (fits ? 3 : 2) && told.skipped == (fits ? [] : ["Set-Cookie"]))
    }
  }

  @Test(
    "One that says where the response ends is not passed over",
    arguments: ["Content-Length", "transfer-encoding", "Connection"])
  func longFraming(_ name: String) throws {
    let told = try told("HTTP/1.1 200 OK\r\n\(name): \(String(repeating: " ", count: 200))5\r\n\r\n", receive: 128)
    #expect(told.failure == .httpLimit)
  }

  @Test("Nor is a line that cannot be a header")
  func longLine() throws {
    for text in [
      String(repeating: "a", count: 200), "HTTP/1.1 200 " + String(repeating: "a", count: 200),
      "HTTP/1.1 200 OK\r\n" + String(repeating: "a", count: 200),
      "HTTP/1.1 200 OK\r\na b: " + String(repeating: "a", count: 200),
      MalformedTests.chunked + "1;" + String(repeating: "a", count: 200),
    ] {
      #expect(try told(text, receive: 128).failure == .httpLimit, "\(text)")
    }
    // A control character in what is passed over is one still.
    #expect(
      try told("HTTP/1.1 200 OK\r\na: " + String(repeating: "a", count: 200) + "\nb: c\r\n", receive: 128).failure
        == .httpLine)
    #expect(
      try told("HTTP/1.1 200 OK\r\na: " + String(repeating: "a", count: 200) + "\rb: c\r\n", receive: 128).failure
        == .httpLine)
  }

  @Test("Heads have limits: 16 KiB and 128 lines, interim responses and trailers with them")
  func limits() throws {
    func lines(_ count: Int) -> String { String(repeating: "a: b\r\n", count: count) }
    #expect(try told("HTTP/1.1 204 x\r\n\(lines(126))\r\n").isComplete)
    #expect(try told("HTTP/1.1 204 x\r\n\(lines(127))\r\n").failure == .httpLimit)
    #expect(try told(String(repeating: "HTTP/1.1 100 x\r\n\r\n", count: 65)).failure == .httpLimit)
    #expect(try told(MalformedTests.chunked + "0\r\n" + lines(128)).failure == .httpLimit)
    // 16 bytes in the status line, 5 around the value, 2 at the end.
    let value = String(repeating: "v", count: 16_384 - 16 - 5 - 2)
    #expect(try told("HTTP/1.1 204 x\r\na: \(value)\r\n\r\n").isComplete)
    #expect(try told("HTTP/1.1 204 x\r\na: \(value)v\r\n\r\n").failure == .httpLimit)
    let extensions = String(repeating: "1;" + String(repeating: "e", count: 100) + "\r\nx\r\n", count: 1_000)
    #expect(try told(MalformedTests.chunked + extensions).failure == .httpLimit)
  }
}
