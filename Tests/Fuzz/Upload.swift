import CMote
import Mote
import MoteBytes
import MoteHub
import MoteTLS
import MoteTransport

/// An upload to a hub and a storage that send whatever they like: it ends, with what was read of the file in order, and the source is
/// asked for nothing outside of the file and the buffer.
///
/// An input is how the bytes are split and what the file is like, and then the bytes of connections, each up to a 0xFF.
func fuzz(_ input: inout Input) {
  let shape = input.byte()
  let device = Putting(step: 1 + Int(input.byte() & 0x3F), isKnown: shape & 1 == 0, length: Int(shape >> 1) * 9)
  let connections = input.rest().split(separator: 0xFF, omittingEmptySubsequences: false).prefix(12)
  for bytes in connections where !device.hasEnded { device.meet(Array(bytes)) }
  device.finish()
}

@safe private final class Putting {
  private let tls = PlainTLS()
  private let memory = Buffer(2_048)
  private let string = Buffer(Array("HostName=h;DeviceId=d;x509=true".utf8))
  private let name = Buffer(Array("n".utf8))
  private let port = unsafe openPort()
  private let isKnown: Bool
  private let length: Int
  private var upload: Upload
  private var now: UInt64 = 1_000_000
  private(set) var hasEnded = false

  init(step: Int, isKnown: Bool, length: Int) {
    self.isKnown = isKnown
    self.length = length
    tls.step = step
    var options = Upload.Options()
    options.blockSize = 400
    options.attempts = 4
    do throws(Failure) {
      let identity = try Identity(connectionString: string.region)
      let client = unsafe DeviceClient(
        identity, signer: Signer(key: identity.key), port: Port(port), tls: tls.tls, endpoint: .empty, portNumber: 0,
        options: .init())
      upload = unsafe Upload(
        client, port: Port(port), tls: tls.tls, portNumber: 443, memory: memory.region, options: options)
      // Sound: it is read as long as this object lives.
      let source = unsafe UploadSource(
        { (context, offset, room, capacity) in
          unsafe Unmanaged<Putting>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().read(
            offset, room, capacity)
        }, context: Unmanaged.passUnretained(self).toOpaque())
      try upload.start(
        source, length: isKnown ? UInt64(length) : Upload.unknown, name: name.region, type: .empty, now: now)
    } catch {
      fatalError("no upload: \(error.code)")
    }
  }

  deinit { unsafe port.deallocate() }

  private func read(_ offset: UInt64, _ room: UnsafeMutablePointer<UInt8>?, _ capacity: Int) -> Int32 {
    demand(offset <= UInt64(length), "outside the file")
    let count = min(capacity, length - Int(offset))
    demand(capacity > 0 && (count > 0 || !isKnown), "asked for nothing")
    if let room = unsafe room {
      demand(
        memory.holds(unsafe Region(start: room, count: capacity)), "outside the buffer")
      for place in 0..<count { unsafe room[place] = UInt8(truncatingIfNeeded: Int(offset) + place) }
    }
    return count == 0 ? MOTE_UPLOAD_END : Int32(count)
  }

  /// Meets a server that sends these bytes as soon as it is asked, and closes.
  func meet(_ bytes: [UInt8]) {
    var event = UploadEvent()
    tls.outgoing = []
    tls.incoming = []
    tls.isClosed = false
    var isFed = false
    for _ in 0..<20_000 {
      if !isFed && !tls.outgoing.isEmpty {
        tls.incoming = bytes
        tls.isClosed = true
        isFed = true
      }
      let starts = tls.starts
      if upload.poll(now: now, &event) {
        demand(event.offset <= UInt64(length), "more than there is")
        demand(event.kind != .retrying || event.deadline > now, "tried again at once")
        hasEnded = event.kind == .done || event.kind == .failed
        demand(event.kind != .failed || event.status < 0, "failed without a reason")
        if hasEnded { return }
      } else if event.deadline > now && (!event.waitsToRead || tls.incoming.isEmpty) && (isFed || tls.outgoing.isEmpty)
      {
        // Another connection, or the end of what it waits for.
        demand(event.deadline != .max, "it waits for nothing")
        now = event.deadline
      }
      // Another connection has begun: its bytes are the next ones.
      if isFed && tls.starts != starts { return }
    }
    fatalError("it spins")
  }

  /// Without anybody to answer, it gives up.
  func finish() {
    for _ in 0..<100 where !hasEnded { meet([]) }
    demand(hasEnded, "it does not end")
  }
}
