import CMote
import Mote
import MoteBytes
import MoteHub
import MoteTestSupport
import Testing

/// An upload over a fake port and no TLS, and the hub and the storage that a test plays.
@safe final class UploadDevice {
  let server = PlainTLS()
  let port = FakePort()
  private let string: Memory
  private let name = Memory(Array("dir/\"1\".bin".utf8))
  private let type: Memory
  private let memory: Memory
  private var client: DeviceClient
  private var upload: Upload
  var now: UInt64 = 1_000_000
  private(set) var event = UploadEvent()
  /// What the source gives, how much of it at a time, and what it was asked for.
  var file: [UInt8] = []
  var step = Int.max
  var gives: Int32?
  private(set) var offsets: [UInt64] = []

  static let answer =
    #"{"correlationId":"c-1","hostName":"acct.example:8443","containerName":"uploads","blobName":"d#1/dir/\"1\".bin","#
    + #""sasToken":"?sv=1&sig=a%2Bb\u0026se=2"}"#

  init(
    _ string: String = "HostName=hub.example;DeviceId=d#1;x509=true", memory: Int = 4_096, blockSize: UInt32 = 1_000,
    type: String = "", retry: UInt32? = nil, attempts: UInt8? = nil
  ) throws {
    self.string = Memory(Array(string.utf8))
    self.memory = Memory(memory)
    self.type = Memory(Array(type.utf8))
    port.resolves = { 1 }
    port.connects = { _ in 1 }
    let identity = try Identity(connectionString: self.string.region)
    var limits = DeviceClient.Options()
    if let retry {
      limits.backoff.base = retry
      limits.backoff.most = .max
    }
    client = DeviceClient(
      identity, signer: Signer(key: identity.key), port: port.port, tls: server.tls, endpoint: .empty, portNumber: 0,
      options: limits)
    var options = Upload.Options()
    options.blockSize = blockSize
    if let attempts { options.attempts = attempts }
    upload = Upload(
      client, port: port.port, tls: server.tls, portNumber: 443, memory: self.memory.region, options: options)
  }

  func start(_ file: [UInt8], isKnown: Bool = true) throws {
    self.file = file
    try start(length: isKnown ? UInt64(file.count) : Upload.unknown)
  }

  func start(length: UInt64) throws {
    // Sound: the source is asked as long as this object lives.
    let source = unsafe UploadSource(
      { (context, offset, room, capacity) in
        unsafe Unmanaged<UploadDevice>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().read(
          offset, room, capacity)
      }, context: Unmanaged.passUnretained(self).toOpaque())
    try upload.start(source, length: length, name: name.region, type: type.region, now: now)
  }

  private func read(_ offset: UInt64, _ room: UnsafeMutablePointer<UInt8>?, _ capacity: Int) -> Int32 {
    offsets.append(offset)
    if let gives { return gives }
    let start = Int(offset)
    let count = min(capacity, step, file.count - start)
    if count <= 0 { return MOTE_UPLOAD_END }
    for place in 0..<count { unsafe room?[place] = file[start + place] }
    return Int32(count)
  }

  func cancel() throws { try upload.cancel() }

  var tracking: String {
    let room = Memory(40)
    return String(decoding: room.prefix(upload.hubTracking(into: room.region)), as: UTF8.self)
  }

  /// The next event; nil when there is none before something comes or time passes.
  func hear() -> UploadEvent? {
    for _ in 0..<10_000 {
      if upload.poll(now: now, &event) { return event }
      if event.deadline > now && !event.waitsToWrite && server.incoming.isEmpty { return nil }
    }
    Issue.record("it does not sleep")
    return nil
  }

  /// Polls once.
  func pollOnce() -> Bool { upload.poll(now: now, &event) }

  /// What the server has got since it was asked last, when there is nothing to tell.
  func asked() -> String {
    #expect(hear()?.kind == nil)
    return takeSent()
  }

  func takeSent() -> String {
    defer { server.outgoing = [] }
    return String(decoding: server.outgoing, as: UTF8.self)
  }

  /// What the server has got since it was asked last, and how it answers.
  func exchange(_ status: Int, _ more: String = "", body: String = "") -> String {
    let sent = asked()
    answer(status, more, body: body)
    return sent
  }

  func answer(_ status: Int, _ more: String = "", body: String = "") {
    server.incoming += Array(
      "HTTP/1.1 \(status) x\r\n\(more)\(status == 204 ? "" : "Content-Length: \(body.utf8.count)\r\n")\r\n\(body)".utf8)
  }

  /// Comes to where the file is put.
  func begin(_ file: [UInt8], isKnown: Bool = true) throws {
    try start(file, isKnown: isKnown)
    #expect(exchange(200, body: Self.answer).hasPrefix("POST /devices/d%231/files?api-version=2021-04-12 HTTP/1.1\r\n"))
  }
}
