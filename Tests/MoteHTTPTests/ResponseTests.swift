import MoteBytes
import MoteHTTP
import Testing

/// Responses of RFC 9112, however they come.
struct ResponseTests {
  /// Responses to GET and what is told of each. Those with a length or chunks leave the connection open.
  static let responses: [(bytes: String, told: Told)] = [
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a b\"\r\n\r\nhello",
      Told(status: 200, headers: ["Content-Length: 5", "ETag: \"a b\""], body: Array("hello".utf8), total: 5)
    ),
    ("HTTP/1.1 204 No Content\r\n\r\n", Told(status: 204)),
    // What they would have: 204 has nothing, 304 would have had five (RFC 9110, 8.6).
    ("HTTP/1.1 304 \r\ncontent-length:5\r\n\r\n", Told(status: 304, headers: ["content-length: 5"])),
    ("HTTP/1.1 204\r\nTransfer-Encoding: chunked\r\n\r\n", Told(status: 204, headers: ["Transfer-Encoding: chunked"])),
    (
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 7\r\n\r\n"
        + "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
      Told(status: 201, headers: ["Content-Length: 0"])
    ),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n0\r\n\r\n",
      Told(status: 200, headers: ["Transfer-Encoding: chunked"], body: Array("hello world".utf8))
    ),
    (
      "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: \t Chunked \r\n\r\n00a ;x\r\n0123456789\r\n000\r\nTrailer: of no account\r\n"
        + "Content-Length: 3\r\n\r\n",
      Told(status: 200, headers: ["TRANSFER-ENCODING: Chunked"], body: Array("0123456789".utf8))
    ),
    (
      "HTTP/1.1 200 OK\r\nA:\r\nB: \t\r\nc:d\r\nContent-Length: 0\r\n\r\n",
      Told(status: 200, headers: ["A: ", "B: ", "c: d", "Content-Length: 0"])
    ),
    (
      "HTTP/1.1 429 x\r\nContent-Length: 3\r\ncontent-length: 003\r\nRetry-After: 7\r\n\r\nabc",
      Told(
        status: 429, headers: ["Content-Length: 3", "content-length: 003", "Retry-After: 7"],
        body: Array("abc".utf8), total: 3)
    ),
  ]

  private func complete(_ told: Told, keeps: Bool = true) -> Told {
    var told = told
    told.isComplete = true
    told.keepsConnection = keeps
    return told
  }

  @Test("Each, split at every byte", arguments: responses.indices)
  func everyByte(_ index: Int) throws {
    let (text, expected) = ResponseTests.responses[index]
    let bytes = Array(text.utf8)
    for split in 0...bytes.count {
      let peer = Peer()
      try peer.request()
      var told = Told()
      peer.receive(Array(bytes[..<split]), &told)
      #expect(told.isComplete == (split == bytes.count), "complete before its end, at \(split)")
      peer.receive(Array(bytes[split...]), &told)
      #expect(told == complete(expected), "split at \(split)")
    }
  }

  @Test("All of them on one connection, in pieces of each size", arguments: 1...64)
  func together(_ step: Int) throws {
    let peer = Peer(receive: 128)
    for (text, expected) in ResponseTests.responses {
      var told = Told()
      try peer.request()
      peer.receive(Array(text.utf8), step: step, &told)
      #expect(told == complete(expected))
    }
  }

  @Test("Chunks of each size, in pieces of each size", arguments: 1...64)
  func chunks(_ size: Int) throws {
    let body = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    for start in stride(from: 0, to: body.count, by: size) {
      let chunk = body[start..<min(start + size, body.count)]
      bytes += Array((String(chunk.count, radix: 16, uppercase: size % 2 == 0) + "\r\n").utf8) + chunk + [13, 10]
    }
    bytes += Array("0\r\n\r\n".utf8)
    for step in [1, 2, 3, 7, 64, 128, .max] {
      let peer = Peer(receive: 128)
      try peer.request()
      var told = Told()
      peer.receive(bytes, step: step, &told)
      #expect(told == complete(Told(status: 200, headers: ["Transfer-Encoding: chunked"], body: body)), "step \(step)")
    }
  }

  @Test("A body of many chunks is as long as it is")
  func manyChunks() throws {
    let text = String(repeating: "1\r\nx\r\n", count: 20_000)
    let told = try told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(text)0\r\n\r\n")
    #expect(told.body.count == 20_000 && told.isComplete && told.failure == nil)
  }

  @Test(
    "Whether the connection stays",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close", false), ("1.1", "connection: x, CLOSE ,y", false),
      ("1.1", "Connection: closed", true), ("1.1", "Connection: keep-alive", true),
      ("1.1", "X-Connection: close", true),
      ("1.1", "Connection: keep-alive\r\nConnection: close", false), ("1.0", "", false),
      ("1.0", "Connection: Keep-Alive", true), ("1.0", "Connection: close, keep-alive", false),
      ("1.0", "Connection: keep-alive, close", false), ("1.9", "", true), ("1.1", "Connection:", true),
    ])
  func keepAlive(_ version: String, _ header: String, _ keeps: Bool) throws {
    let line = header.isEmpty ? "" : header + "\r\n"
    let peer = Peer()
    try peer.request()
    var told = Told()
    peer.receive(Array("HTTP/\(version) 200 OK\r\n\(line)Content-Length: 1\r\n\r\nx".utf8), &told)
    #expect(told.isComplete && told.keepsConnection == keeps && peer.isReady == keeps)
  }

  @Test("A body that the end of the connection ends", arguments: [1, 3, 512])
  func untilClose(_ step: Int) throws {
    let text = "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + String(repeating: "body", count: 100)
    let open = try told(text, receive: 128, step: step)
    #expect(!open.isComplete && open.failure == nil && open.body.count == 400 && open.total == nil)
    let closed = try told(text, receive: 128, step: step, closes: true)
    #expect(closed.isComplete && !closed.keepsConnection && closed.body == open.body)
  }

  @Test(
    "To HEAD there is no body, whatever the response says",
    arguments: ["Content-Length: 5", "Transfer-Encoding: chunked"])
  func head(_ header: String) throws {
    let told = try told("HTTP/1.1 200 OK\r\n\(header)\r\n\r\n", method: "HEAD")
    #expect(told == complete(Told(status: 200, headers: [header])))
  }

  @Test("A connection that ends within a response", arguments: responses.indices)
  func cut(_ index: Int) throws {
    let text = ResponseTests.responses[index].bytes
    for count in 0..<text.utf8.count {
      let told = try told(String(decoding: text.utf8.prefix(count), as: UTF8.self), closes: true)
      #expect(told.failure == (count == 0 ? .httpClosed : .httpCut), "at \(count)")
    }
  }

  @Test("A connection that ends in between is no failure")
  func idleClose() throws {
    let peer = Peer()
    var told = Told()
    peer.receive([], closes: true, &told)
    #expect(told == Told() && !peer.isReady)
    peer.connection.reset()
    #expect(peer.isReady)
  }

  @Test("A response before the request has wholly left is told, and the connection is of no more use")
  func early() throws {
    let peer = Peer(send: 128)
    var request = peer.connection.compose(Array("POST".utf8).span)
    request.append("/")
    request.endTarget(host: Array("h".utf8).span)
    try peer.connection.send(request, pieces: 10_000)
    _ = peer.transmit()
    var told = Told()
    peer.receive(Array("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".utf8), &told)
    #expect(told.status == 401 && told.isComplete && !told.keepsConnection && !peer.isReady)
  }
}
