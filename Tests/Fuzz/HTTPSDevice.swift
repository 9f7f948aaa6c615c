import CMote
import Mote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTLS
import MoteTransport

/// A device over HTTPS and a server that sends whatever it likes: what is told stays inside the receive buffer, a message's pieces
/// are in order, every connection ends with a reason, and nothing spins.
///
/// An input is how the bytes are split, and then the bytes of connections, each up to a 0xFF.
func fuzz(_ input: inout Input) {
  let device = Polling(step: 1 + Int(input.byte() & 0x3F))
  let connections = input.rest().split(separator: 0xFF, omittingEmptySubsequences: false).prefix(4)
  for bytes in connections { device.meet(Array(bytes)) }
}

@safe private final class Polling {
  let tls = PlainTLS()
  let receiving = Buffer(256)
  private let buffers = [Buffer(256), Buffer(512), Buffer(512)]
  private let string = Buffer(Array("HostName=h;DeviceId=d;x509=true".utf8))
  private let port = unsafe openPort()
  private let https: UnsafeMutablePointer<HTTPS>
  private var client: DeviceClient
  private var now: UInt64 = 1_000_000
  private var open: (offset: Int, total: Int)?

  init(step: Int) {
    tls.step = step
    var options = DeviceClient.Options()
    options.receivesMessages = true
    unsafe https = .allocate(capacity: 1)
    do throws(Failure) {
      let identity = try Identity(connectionString: string.region)
      client = unsafe DeviceClient(
        identity, signer: Signer(key: identity.key), port: Port(port), tls: tls.tls, endpoint: .empty, portNumber: 0,
        options: options)
      try unsafe client.use(
        https, HTTPMemory(receiving: buffers[0].region, sending: buffers[1].region),
        session: MQTTMemory(receiving: receiving.region, outbox: buffers[2].region), .init())
      try client.connect(now: now)
    } catch {
      fatalError("no device: \(error.code)")
    }
  }

  deinit {
    unsafe port.deallocate()
    unsafe https.deallocate()
  }

  /// Meets a server that sends these bytes as soon as it is asked, and closes.
  func meet(_ bytes: [UInt8]) {
    var event = DeviceEvent()
    let message = client.compose()
    _ = try? client.send(message, payload: Array("hi".utf8).span)
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
      if client.poll(now: now, &event) {
        tell(event)
        if event.kind == .disconnected { return }
      } else if event.deadline > now && !event.waitsToWrite && tls.incoming.isEmpty && (isFed || tls.outgoing.isEmpty) {
        // Another connection, or the end of what it waits for.
        demand(event.deadline != .max, "it waits for nothing")
        if isFed && client.step == .work && event.deadline > now + 40_000 { return }
        now = event.deadline
      }
    }
    fatalError("it spins")
  }

  private func tell(_ event: DeviceEvent) {
    for region in [event.payload, event.properties, event.name] {
      demand(receiving.holds(region), "outside the buffer")
    }
    switch event.kind {
    case .message:
      let (offset, total) = open ?? (0, event.total)
      demand(event.offset == offset && event.total == total, "not the next piece")
      open = event.isComplete ? nil : (offset + event.payload.count, total)
    case .aborted:
      demand(open != nil, "aborted what was not begun")
      open = nil
    case .disconnected: demand(event.status < 0, "ended without a reason")
    case .connected, .sent, .failed, .skipped: break
    case .none, .twin, .desired, .reported, .method: fatalError("told \(event.kind)")
    }
  }
}
