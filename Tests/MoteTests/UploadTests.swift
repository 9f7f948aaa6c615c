import CMote
import Mote
import MoteTestSupport
import Testing

/// File upload, with the hub and the storage that a test plays, byte for byte.
struct UploadTests {
  private static let blob = "/uploads/d%231%2Fdir%2F%221%22.bin?sv=1&sig=a%2Bb&se=2"
  private static let storage = " HTTP/1.1\r\nHost: acct.example:8443\r\n"
  private static let ask =
    "POST /devices/d%231/files?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
    + "Content-Length: 28\r\n\r\n" + #"{"blobName":"dir/\"1\".bin"}"#
  private static let list = #"<?xml version="1.0" encoding="utf-8"?><BlockList>"#

  static func notice(_ isGood: Bool, _ status: Int, _ failure: Int32) -> String {
    let body =
      #"{"correlationId":"c-1","isSuccess":\#(isGood),"statusCode":\#(status),"statusDescription":"\#(-failure)"}"#
    return "POST /devices/d%231/files/notifications?api-version=2021-04-12 HTTP/1.1\r\nHost: hub.example\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
  }

  private static func block(_ name: String, _ bytes: String) -> String {
    "PUT \(blob)&comp=block&blockid=\(name)" + storage + "Content-Length: \(bytes.utf8.count)\r\n\r\n" + bytes
  }

  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) } }
  private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("A small file goes as one, and the hub is asked before and told after", arguments: [1, 3, 64, .max])
  func small(_ step: Int) throws {
    let device = try UploadDevice(type: "text/plain")
    device.server.step = step
    try device.start(bytes(1_000))
    #expect(device.exchange(200, body: UploadDevice.answer) == Self.ask)
    #expect(
      device.exchange(201) == "PUT " + Self.blob + Self.storage + "x-ms-blob-type: BlockBlob\r\n"
        + "x-ms-blob-content-type: text/plain\r\nContent-Length: 1000\r\n\r\n" + text(bytes(1_000)))
    let progress = try #require(device.hear())
    #expect(progress.kind == .progress && progress.offset == 1_000)
    #expect(device.exchange(204) == Self.notice(true, 200, 0))
    #expect(device.hear()?.kind == .done)
    #expect(device.hear() == nil && device.event.deadline == .max)
    let connections = device.port.take().compactMap { if case .connect(_, let number) = $0 { number } else { nil } }
    #expect(connections == [443, 8_443, 443])
  }

  @Test("A longer one goes in blocks, of which the list makes the file")
  func blocks() throws {
    let device = try UploadDevice(type: "a/b")
    let file = bytes(2_500)
    try device.begin(file)
    #expect(device.exchange(201) == Self.block("MDAwMDAw", text(file[..<1_000])))
    #expect(device.hear()?.offset == 1_000)
    #expect(device.exchange(201) == Self.block("MDAwMDAx", text(file[1_000..<2_000])))
    #expect(device.hear()?.offset == 2_000)
    #expect(device.exchange(201) == Self.block("MDAwMDAy", text(file[2_000...])))
    #expect(device.hear()?.offset == 2_500)
    let list =
      Self.list + "<Latest>MDAwMDAw</Latest><Latest>MDAwMDAx</Latest><Latest>MDAwMDAy</Latest></BlockList>"
    #expect(list.utf8.count == 61 + 25 * 3)
    #expect(
      device.exchange(201) == "PUT \(Self.blob)&comp=blocklist" + Self.storage
        + "x-ms-blob-content-type: a/b\r\nContent-Length: 136\r\n\r\n" + list)
    #expect(device.exchange(200) == Self.notice(true, 200, 0))
    #expect(device.hear()?.kind == .done)
    #expect(device.server.starts == 3, "the storage's connection is kept")
  }

  @Test("A file of unknown length is put when its end is seen", arguments: [0, 1, 500, 5_000])
  func unknown(_ count: Int) throws {
    let device = try UploadDevice(memory: 2_048)
    let file = bytes(count)
    device.step = 333
    try device.begin(file, isKnown: false)
    var arrived = ""
    var names: [String] = []
    while true {
      let request = device.exchange(201)
      let body = String(request.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)[1])
      if request.contains("comp=blocklist") {
        #expect(body == Self.list + names.map { "<Latest>\($0)</Latest>" }.joined() + "</BlockList>")
        break
      }
      arrived += body
      #expect(device.hear()?.offset == UInt64(arrived.utf8.count))
      guard let place = request.firstRange(of: "blockid=") else { break }
      names.append(String(request[place.upperBound...].prefix(8)))
    }
    #expect(arrived == text(file))
    #expect(names.count > 2 || count < 5_000 && names.isEmpty)
    #expect(device.exchange(204) == Self.notice(true, 200, 0))
    #expect(device.hear()?.kind == .done)
    // In order, and nothing twice.
    #expect(device.offsets == device.offsets.sorted())
  }

  @Test("An empty file is a file")
  func empty() throws {
    let device = try UploadDevice()
    try device.begin([])
    #expect(device.exchange(201).hasSuffix("Content-Length: 0\r\n\r\n"))
    #expect(device.hear()?.kind == .progress)
    _ = device.exchange(204)
    #expect(device.hear()?.kind == .done)
  }

  @Test("With a key, the hub gets a token, and the storage none")
  func token() throws {
    let device = try UploadDevice("HostName=hub.example;DeviceId=d#1;SharedAccessKey=" + Rig.key)
    try device.start(bytes(10))
    let head = "\r\nAuthorization: SharedAccessSignature sr=hub.example%2Fdevices%2Fd%231&sig="
    #expect(device.exchange(200, body: UploadDevice.answer).contains(head))
    #expect(!device.exchange(201).contains("Authorization"))
    #expect(device.hear()?.kind == .progress)
    #expect(device.exchange(204).contains(head))
    #expect(device.hear()?.kind == .done)
  }

  // MARK: Failures

  @Test("A block that fails is put once more, and nothing before it", arguments: [500, 503, 429, 408])
  func busy(_ status: Int) throws {
    let device = try UploadDevice()
    let file = bytes(2_000)
    try device.begin(file)
    _ = device.exchange(201)
    #expect(device.hear()?.offset == 1_000)
    _ = device.exchange(status, "Retry-After: 7\r\n")
    let event = try #require(device.hear())
    #expect(event.kind == .retrying && event.status == MOTE_ERROR_REFUSED_UNAVAILABLE && event.step == .block)
    #expect(event.code == Int32(status) * 1_000 && event.deadline == device.now + 7_000 && event.offset == 1_000)
    #expect(device.asked() == "" && device.event.deadline == device.now + 7_000)
    device.now += 7_000
    #expect(device.exchange(201) == Self.block("MDAwMDAx", text(file[1_000...])))
    #expect(device.hear()?.offset == 2_000)
    _ = device.exchange(201)
    _ = device.exchange(204)
    #expect(device.hear()?.kind == .done)
  }

  @Test("A connection that the storage no longer keeps is no failure")
  func kept() throws {
    let device = try UploadDevice()
    let file = bytes(2_000)
    try device.begin(file)
    _ = device.exchange(201)
    #expect(device.hear()?.kind == .progress)
    #expect(device.asked() == Self.block("MDAwMDAx", text(file[1_000...])))
    device.server.isClosed = true
    #expect(device.asked() == Self.block("MDAwMDAx", text(file[1_000...])), "at once, over another")
    // That one has proved nothing.
    device.server.isClosed = true
    #expect(device.hear()?.kind == .retrying)
  }

  @Test("A server that closes after an answer is taken at its word")
  func closes() throws {
    let device = try UploadDevice()
    try device.begin(bytes(2_000))
    _ = device.exchange(201, "Connection: close\r\n")
    #expect(device.hear()?.kind == .progress)
    _ = device.asked()
    #expect(device.server.starts == 3)
  }

  @Test("What fails ten times is given up, after longer and longer waits, and the hub is told")
  func attempts() throws {
    let device = try UploadDevice()
    try device.begin(bytes(10))
    var last: UInt64 = 0
    for attempt in 1..<10 {
      _ = device.exchange(500)
      let event = try #require(device.hear())
      #expect(event.kind == .retrying)
      let wait = event.deadline - device.now
      let most = min(UInt64(1_000) << UInt64(attempt - 1), 60_000)
      #expect(wait >= most / 2 && wait <= most && wait >= last / 2)
      last = wait
      device.now += wait
    }
    _ = device.exchange(500)
    #expect(device.exchange(204) == Self.notice(false, 500, MOTE_ERROR_REFUSED_UNAVAILABLE))
    let event = try #require(device.hear())
    #expect(event.kind == .failed && event.status == MOTE_ERROR_REFUSED_UNAVAILABLE && event.step == .put)
    #expect(event.code == 500_000)
  }

  @Test("What the storage refuses is given up at once, and the hub is told", arguments: [400, 403, 404, 409, 411, 413])
  func refused(_ status: Int) throws {
    let device = try UploadDevice()
    try device.begin(bytes(10))
    _ = device.exchange(status, body: "<?xml version=\"1.0\"?><Error><Code>x</Code></Error>")
    #expect(device.exchange(204) == Self.notice(false, status, MOTE_ERROR_UPLOAD_STORAGE))
    let event = try #require(device.hear())
    #expect(event.kind == .failed && event.status == MOTE_ERROR_UPLOAD_STORAGE && event.code == Int32(status) * 1_000)
    // Another can begin.
    try device.start(bytes(10))
    #expect(device.asked() == Self.ask)
  }

  @Test("When what lets the file go there expires on the way, it asks again and goes on")
  func renewal() throws {
    let device = try UploadDevice()
    let file = bytes(2_000)
    try device.begin(file)
    _ = device.exchange(201)
    #expect(device.hear()?.offset == 1_000)
    _ = device.exchange(403)
    #expect(device.exchange(204) == Self.notice(false, 403, MOTE_ERROR_UPLOAD_STORAGE), "the slot is free again")
    #expect(device.exchange(200, body: UploadDevice.answer.replacing("c-1", with: "c-2")) == Self.ask)
    #expect(device.exchange(201) == Self.block("MDAwMDAx", text(file[1_000...])))
    #expect(device.hear()?.offset == 2_000)
    // Once more, at the list.
    _ = device.exchange(403)
    #expect(device.asked().contains("c-2"))
    device.answer(204)
    _ = device.exchange(200, body: UploadDevice.answer)
    #expect(device.exchange(201).hasPrefix("PUT \(Self.blob)&comp=blocklist"))
    #expect(device.exchange(204) == Self.notice(true, 200, 0))
    #expect(device.hear()?.kind == .done)
  }

  @Test("A token that lets nothing there is not renewed for ever")
  func useless() throws {
    let device = try UploadDevice()
    try device.begin(bytes(2_000))
    _ = device.exchange(201)
    #expect(device.hear()?.kind == .progress)
    _ = device.exchange(403)
    _ = device.exchange(204)
    _ = device.exchange(200, body: UploadDevice.answer)
    _ = device.exchange(403)
    _ = device.exchange(204)
    let event = try #require(device.hear())
    #expect(event.kind == .failed && event.status == MOTE_ERROR_UPLOAD_STORAGE && event.code == 403_000)
  }

  @Test("What the hub calls its refusal is told", arguments: [401, 403, 404, 400])
  func hubRefuses(_ status: Int) throws {
    let device = try UploadDevice()
    try device.start(bytes(10))
    _ = device.exchange(status, body: #"{"errorCode":\#(status)006,"trackingId":"0f-1","message":"too many"}"#)
    let event = try #require(device.hear())
    #expect(event.kind == .failed && event.step == .ask && event.code == Int32(status) * 1_000 + 6)
    #expect(event.status == (status == 400 ? MOTE_ERROR_HUB_REFUSED : MOTE_ERROR_REFUSED_AUTHORISATION))
    #expect(device.tracking == "0f-1")
    #expect(device.asked() == "", "there is nothing to tell the hub of")
  }

  @Test("An answer that says too little, or what cannot be, is none")
  func answers() throws {
    for (body, status) in [
      ("", MOTE_ERROR_UPLOAD_ANSWER), ("{}", MOTE_ERROR_UPLOAD_ANSWER),
      (UploadDevice.answer.replacing("correlationId", with: "x"), MOTE_ERROR_UPLOAD_ANSWER),
      (UploadDevice.answer.replacing("c-1", with: #"c\""#), MOTE_ERROR_UPLOAD_ANSWER),
      (UploadDevice.answer.replacing("?sv", with: String(repeating: "?", count: 3_000)), MOTE_ERROR_TOO_LARGE),
    ] {
      let device = try UploadDevice()
      try device.start(bytes(10))
      _ = device.exchange(200, body: body)
      let event = try #require(device.hear())
      #expect(event.kind == .failed && event.status == status && event.step == .ask)
    }
    for token in [#"?a\nb"#, "?a b", #"?a\r\nHost: evil"#, "?\u{7F}"] {
      let device = try UploadDevice()
      try device.start(bytes(10))
      _ = device.exchange(200, body: UploadDevice.answer.replacing("?sv", with: token))
      #expect(device.exchange(204) == Self.notice(false, 0, MOTE_ERROR_HTTP_FIELD))
      #expect(device.hear()?.status == MOTE_ERROR_HTTP_FIELD)
    }
  }

  @Test("A source that fails or stalls ends it, and the hub is told")
  func source() throws {
    for (gives, status) in [
      (-1, MOTE_ERROR_SOURCE_FAILED), (MOTE_UPLOAD_END, MOTE_ERROR_SOURCE_FAILED),
      (Int32.max, MOTE_ERROR_SOURCE_FAILED), (0, MOTE_ERROR_SOURCE_STALLED),
    ] {
      let device = try UploadDevice()
      device.gives = gives
      try device.begin(bytes(2_000))
      #expect(device.hear() == nil)
      if gives == 0 {
        #expect(device.event.deadline == device.now + 20)
        device.now += 30_000
        #expect(device.hear() == nil)
      }
      _ = device.takeSent()
      // Its body cannot be ended: another connection tells the hub.
      device.answer(204)
      let event = try #require(device.hear())
      #expect(event.kind == .failed && event.status == status && event.step == .block)
    }
  }

  @Test("An answer that does not come is waited for half a minute, then it is tried again")
  func silence() throws {
    let device = try UploadDevice()
    try device.begin(bytes(10))
    _ = device.asked()
    #expect(device.event.deadline == device.now + 30_000)
    device.now += 30_000
    #expect(device.hear()?.status == MOTE_ERROR_TIMED_OUT)
  }

  @Test("Thanks for a part are none")
  func early() throws {
    let device = try UploadDevice(blockSize: 100_000)
    device.step = 10
    try device.begin(bytes(50_000))
    device.server.outgoing = []
    while device.server.outgoing.isEmpty { _ = device.pollOnce() }
    device.answer(201)
    let event = try #require(device.hear())
    #expect(event.kind == .retrying && event.status == MOTE_ERROR_HTTP_UNEXPECTED && event.offset == 0)
  }

  @Test("It can be given up in each step, and the hub is told where it knows of it", arguments: 0...4)
  func cancelled(_ step: Int) throws {
    let device = try UploadDevice()
    try device.start(bytes(2_000))
    var isKnown = true
    switch step {
    case 0: isKnown = false
    case 1:
      // The hub is being asked: what it answers is heard first.
      _ = device.asked()
      try device.cancel()
      #expect(device.asked() == "")
      device.answer(200, body: UploadDevice.answer)
    default:
      _ = device.exchange(200, body: UploadDevice.answer)
      _ = device.asked()
      if step > 2 {
        device.answer(201)
        #expect(device.hear()?.kind == .progress)
      }
      if step > 3 {
        _ = device.exchange(201)
        #expect(device.hear()?.kind == .progress)
        _ = device.asked()
      }
    }
    if step != 1 { try device.cancel() }
    if isKnown { #expect(device.exchange(204).hasSuffix(Self.notice(false, 0, MOTE_ERROR_UPLOAD_CANCELLED))) }
    let event = try #require(device.hear())
    #expect(event.kind == .failed && event.status == MOTE_ERROR_UPLOAD_CANCELLED)
    #expect(throws: (any Error).self) { try device.cancel() }
  }

  @Test("A file on its way to the hub's knowledge is there, and cannot be given up")
  func tooLate() throws {
    let device = try UploadDevice()
    try device.begin(bytes(10))
    _ = device.exchange(201)
    #expect(device.hear()?.kind == .progress)
    _ = device.asked()
    try device.cancel()
    device.answer(204)
    #expect(device.hear()?.kind == .done)
  }

  @Test("A file is never more than 50,000 blocks, whatever its length")
  func large() throws {
    let device = try UploadDevice(blockSize: 65_536)
    for (length, size) in [
      (UInt64(65_537), 65_536), (65_536 * 50_000, 65_536), (65_536 * 50_000 + 1, 131_072), (1 << 40, 1 << 25),
    ] {
      try device.start(length: length)
      _ = device.exchange(200, body: UploadDevice.answer)
      device.gives = 0
      _ = device.hear()
      let expected = min(UInt64(size), length)
      #expect(device.takeSent().contains("Content-Length: \(expected)\r\n"))
      try device.cancel()
      device.answer(204)
      while let event = device.hear(), event.kind != .failed {}
      device.answer(204)
      _ = device.hear()
    }
    #expect(throws: (any Error).self) { try device.start(length: 1 << 60) }
  }
}
