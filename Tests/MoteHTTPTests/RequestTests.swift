import MoteBytes
import MoteHTTP
import MoteTestSupport
import Testing

/// Requests are those of RFC 9112, byte for byte, and nothing that is written into one can make another of it.
struct RequestTests {
  private func post(_ peer: Peer, _ name: String = "Content-Type", _ value: String = "text/plain") -> RequestWriter {
    var request = peer.connection.compose(Array("POST".utf8).span)
    request.append("/devices/")
    request.appendPercentEncoded(Array("a b/é".utf8).span)
    request.append("/messages/events?api-version=2021-04-12")
    request.endTarget(host: Array("hub.example".utf8).span)
    request.appendHeader(Array(name.utf8).span, Array(value.utf8).span)
    return request
  }

  private let head = """
    POST /devices/a%20b%2F%C3%A9/messages/events?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\n\
    Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n
    """

  @Test("A body at hand leaves with the head when it fits, else after it", arguments: [4, 5, 300], [1, 7, 1_000])
  func body(_ room: Int, _ step: Int) throws {
    let length = head.utf8.count
    let peer = Peer(send: length + room)
    let body = Memory(Array("hello".utf8))
    try peer.connection.send(post(peer), body: body.region)
    #expect(peer.transmission.count == length + (room >= 5 ? 5 : 0))
    #expect(String(decoding: peer.transmit(step: step), as: UTF8.self) == head + "hello")
    #expect(peer.sending.prefix(length).allSatisfy { $0 == 0 }, "a token would still be in memory")
  }

  @Test("A body that does not fit behind the head is sent from where it is", arguments: [1, 7, 1_000])
  func longBody(_ step: Int) throws {
    let peer = Peer(send: 200)
    let bytes = (0..<700).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let body = Memory(bytes)
    try peer.connection.send(post(peer), body: body.region)
    let expected = Array(head.replacing("Length: 5", with: "Length: 700").utf8) + bytes
    #expect(peer.transmit(step: step) == expected)
  }

  @Test("A body in pieces is asked for, in order, as many bytes as it has", arguments: [0, 1, 171, 172, 173, 1_000])
  func pieces(_ length: Int) throws {
    let peer = Peer(send: 172)
    try peer.connection.send(post(peer), pieces: length)
    #expect(peer.wanted == nil)
    var sent = peer.transmit()
    #expect(String(decoding: sent, as: UTF8.self) == head.replacing("Length: 5", with: "Length: \(length)"))
    var offset = 0
    while let (room, place) = peer.wanted {
      #expect(place == offset && room.count == min(172, length - offset))
      #expect(failure { () throws(Failure) in try peer.connection.supplied(room.count + 1) } == .state)
      #expect(failure { () throws(Failure) in try peer.connection.supplied(-1) } == .state)
      // Nothing now is possible.
      try peer.connection.supplied(0)
      for index in 0..<min(100, room.count) { room[index] = UInt8(truncatingIfNeeded: offset + index) }
      try peer.connection.supplied(min(100, room.count))
      offset += min(100, room.count)
      sent = peer.transmit()
      #expect(sent.last == UInt8(truncatingIfNeeded: offset - 1))
    }
    #expect(offset == length)
    #expect(failure { () throws(Failure) in try peer.connection.supplied(0) } == .state)
  }

  @Test("Without a body GET and HEAD say nothing of one; others say that there is none")
  func lengths() throws {
    #expect(try Peer().request("GET") == Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
    #expect(try Peer().request("HEAD") == Array("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
    for method in ["POST", "PUT", "DELETE", "get"] {
      #expect(try Peer().request(method) == Array("\(method) / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n".utf8))
    }
  }

  @Test("No control character leaves in a header's value", arguments: UInt8.min...255)
  func injection(_ byte: UInt8) throws {
    let isRefused = byte < 0x20 && byte != 0x09 || byte == 0x7F
    for place in 0...2 {
      let peer = Peer()
      var value = Array("ab".utf8)
      value.insert(byte, at: place)
      var request = post(peer)
      request.appendHeader(Array("iothub-app-a".utf8).span, value.span)
      if isRefused {
        #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpField)
        #expect(peer.transmit() == [] && peer.isReady)
        #expect(peer.sending.prefix(512).allSatisfy { $0 == 0 || $0 == 0xA5 }, "what was refused is wiped")
      } else {
        try peer.connection.send(request)
        #expect(peer.transmit().count > 0)
      }
    }
  }

  @Test("A header's name is a token", arguments: UInt8.min...255)
  func names(_ byte: UInt8) throws {
    let isToken = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8.contains(byte)
    let peer = Peer()
    var request = post(peer)
    let name = [UInt8(ascii: "a"), byte]
    request.appendHeader(name.span, Region.empty.bytes)
    if isToken {
      try peer.connection.send(request)
    } else {
      #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpField)
    }
  }

  @Test(
    "Neither target, host nor method can hold what would end them", arguments: [0x00, 0x09, 0x0A, 0x0D, 0x20, 0x7F])
  func lines(_ byte: Int) {
    let evil = [UInt8(ascii: "a"), UInt8(byte), UInt8(ascii: "b")]
    for place in 0..<3 {
      let peer = Peer()
      let good = Array("x".utf8)
      var request = peer.connection.compose((place == 0 ? evil : good).span)
      request.append((place == 1 ? evil : good).span)
      request.endTarget(host: (place == 2 ? evil : good).span)
      #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpField)
    }
  }

  @Test("Neither may be empty")
  func empty() {
    for place in 0..<3 {
      let peer = Peer()
      var request = peer.connection.compose((place == 0 ? [] : [UInt8(ascii: "x")]).span)
      if place != 1 { request.append("/") }
      request.endTarget(host: (place == 2 ? [] : [UInt8(ascii: "x")]).span)
      #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpField)
    }
  }

  @Test(
    "Where a request ends, and whom it is for, is said once",
    arguments: ["content-length", "Transfer-Encoding", "HOST"])
  func framing(_ name: String) {
    let peer = Peer()
    let request = post(peer, name, "1")
    #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpField)
  }

  @Test("A head that does not fit is refused whole")
  func tooLarge() throws {
    for room in 128..<head.utf8.count + 10 {
      let peer = Peer(send: room)
      let request = post(peer)
      // With `Content-Length: 0`.
      if room < head.utf8.count {
        #expect(failure { () throws(Failure) in try peer.connection.send(request) } == .httpTooLarge)
        #expect(peer.transmit() == [])
      } else {
        try peer.connection.send(request)
      }
    }
  }

  @Test("One request at a time")
  func busy() throws {
    let peer = Peer()
    try peer.request()
    #expect(!peer.isReady)
    #expect(failure { () throws(Failure) in try peer.connection.send(post(peer)) } == .state)
    var told = Told()
    peer.receive(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8), &told)
    #expect(told.isComplete && told.keepsConnection && peer.isReady)
    try peer.connection.send(post(peer))
    peer.connection.reset()
    #expect(peer.transmit() == [] && peer.isReady)
    #expect(failure { () throws(Failure) in try peer.connection.send(post(peer), pieces: -1) } == .argument)
  }
}
