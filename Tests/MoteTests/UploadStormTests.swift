import CMote
import Mote
import MoteTestSupport
import Testing

/// Uploads through a hub and a storage that fail at random: what is done is there byte for byte, what failed is told, and no upload is
/// left open.
struct UploadStormTests {
  @Test("Through 400 storms", arguments: 0..<8)
  func storm(_ part: Int) throws {
    var done = 0
    for seed in part * 50..<(part + 1) * 50 {
      var generator = Generator(state: UInt64(seed))
      let device = try UploadDevice(memory: Int.random(in: 2_048...4_096, using: &generator), blockSize: 300)
      let far = FarEnd(device.server, seed)
      device.server.step = [1, 7, 100, .max].randomElement(using: &generator) ?? 1
      device.step = Int.random(in: 1...400, using: &generator)
      let file = (0..<Int.random(in: 0...3_000, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      try device.start(file, isKnown: Bool.random(using: &generator))
      var event: UploadEvent?
      for _ in 0..<100_000 {
        if device.pollOnce() {
          event = device.event
          if event?.kind == .done || event?.kind == .failed { break }
        } else if !far.serve() {
          // Nothing moves: time has to pass.
          try #require(device.event.deadline != .max, "it waits for nothing, seed \(seed)")
          device.now = max(device.now + 1, device.event.deadline)
        }
      }
      let last = try #require(event, "seed \(seed)")
      switch last.kind {
      case .done:
        done += 1
        // Apart, since all of both would be printed.
        let isSame = far.blob == file
        #expect(isSame, "seed \(seed)")
      case .failed:
        #expect(last.status < 0, "seed \(seed)")
      default: Issue.record("it does not end, seed \(seed)")
      }
      // A slot is lost where the hub's answer to the question was, or where it could not be told for long.
      if last.kind == .done || last.step != .ask && last.step != .notify {
        #expect(far.open.subtracting(far.unheard).isEmpty, "seed \(seed)")
      }
    }
    #expect(done > 25, "most get through")
  }
}

/// A hub and its storage that a test plays, in one: they understand what comes, and answer it or not.
private final class FarEnd {
  private let server: PlainTLS
  private var generator: Generator
  private var starts = 0
  private var blocks: [String: [UInt8]] = [:]
  private(set) var blob: [UInt8]?
  /// The uploads whose end the hub has not heard of, and those whose beginning the device may not have.
  private(set) var open: Set<String> = []
  private(set) var unheard: Set<String> = []
  /// The newest token, the only one that is good.
  private var number = 0
  private var isExpired = false

  init(_ server: PlainTLS, _ seed: Int) {
    self.server = server
    generator = Generator(state: UInt64(seed) &* 977)
  }

  private func happens(in times: Int) -> Bool { Int.random(in: 0..<times, using: &generator) == 0 }

  /// Answers what has come, or goes away. False when there was nothing to answer.
  func serve() -> Bool {
    if starts != server.starts {
      starts = server.starts
      // What an earlier connection was sent is gone with it. Between the beginning of a handshake and a request there is a poll
      // without an event, after which this is called.
      server.outgoing = []
    }
    if server.isClosed || server.outgoing.isEmpty { return false }
    if happens(in: 25) {
      close()
      return true
    }
    let text = server.outgoing
    guard let end = text.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
    let head = String(decoding: text[..<end.lowerBound], as: UTF8.self)
    let lines = head.split(separator: "\r\n").map(String.init)
    let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
    guard text.count >= end.upperBound + length else { return false }
    let body = Array(text[end.upperBound..<end.upperBound + length])
    server.outgoing.removeFirst(end.upperBound + length)
    let words = lines[0].split(separator: " ").map(String.init)
    var response = Array(answer(words[0], words[1], body).utf8)
    let isCut = happens(in: 20)
    if isCut { response.removeLast(Int.random(in: 1...response.count, using: &generator)) }
    server.incoming += response
    if isCut || happens(in: 15) { close() }
    return true
  }

  private func close() {
    server.outgoing = []
    server.isClosed = true
  }

  private func answer(_ method: String, _ target: String, _ body: [UInt8]) -> String {
    let text = String(decoding: body, as: UTF8.self)
    if happens(in: 12) {
      // The hub does what it is asked now and then, and says that it has not.
      if happens(in: 2) { _ = result(method, target, text, body) }
      return response([500, 503, 429].randomElement(using: &generator) ?? 500, "")
    }
    if happens(in: 40) { isExpired = true }
    let (status, answer) = result(method, target, text, body)
    return response(status, answer)
  }

  private func response(_ status: Int, _ body: String) -> String {
    let isChunked = happens(in: 3) && !body.isEmpty
    if isChunked {
      let half = body.utf8.count / 2
      let bytes = Array(body.utf8)
      let parts = [bytes[..<half], bytes[half...]].map {
        "\(String($0.count, radix: 16))\r\n\(String(decoding: $0, as: UTF8.self))\r\n"
      }
      return "HTTP/1.1 \(status) x\r\nTransfer-Encoding: chunked\r\n\r\n\(parts.joined())0\r\n\r\n"
    }
    let closes = happens(in: 10) ? "Connection: close\r\n" : ""
    return "HTTP/1.1 \(status) x\r\n\(closes)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private func result(_ method: String, _ target: String, _ text: String, _ body: [UInt8]) -> (Int, String) {
    if target.contains("/files/notifications") {
      guard let place = text.firstRange(of: #""correlationId":""#) else { return (400, "") }
      open.remove(String(text[place.upperBound...].prefix { $0 != "\"" }))
      return (200, "")
    }
    if target.contains("/files?") {
      number += 1
      isExpired = false
      // Until the device has used it, it may never have heard of it.
      open.insert("c-\(number)")
      unheard.insert("c-\(number)")
      return (
        200,
        #"{"correlationId":"c-\#(number)","hostName":"s","containerName":"uploads","blobName":"b","sasToken":"?n=\#(number)"}"#
      )
    }
    guard target.contains("?n=\(number)") && !isExpired else { return (403, "<Error/>") }
    unheard.remove("c-\(number)")
    if target.hasSuffix("&comp=blocklist") {
      var whole: [UInt8] = []
      for name in text.split(separator: "<Latest>").dropFirst() {
        guard let block = blocks[String(name.prefix(8))] else { return (400, "") }
        whole += block
      }
      blob = whole
    } else if let place = target.firstRange(of: "&blockid=") {
      blocks[String(target[place.upperBound...])] = body
    } else {
      blob = body
    }
    return (201, "")
  }
}
