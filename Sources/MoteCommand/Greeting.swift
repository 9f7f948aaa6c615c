import CMote
import MoteBytes
import MoteHub
import MoteLinux
import MoteMQTT
import MoteTLS

/// An MQTT connection over a ``Link`` that is verified: CONNECT, a while of watching, and goodbye. Messages that come meanwhile
/// are left to be sent again: nothing is acknowledged.
final class Greeting {
  /// Between pings, in seconds: short, since it is watched for seconds only.
  static let keepAlive = 1

  private let link: Link
  private let device: Device
  private let receiving = Memory(count: 16 * 1024)
  private let outbox = Memory(count: 2 * 1024)
  private var session: Session

  init(_ link: Link, _ device: Device) {
    self.link = link
    self.device = device
    var memory = MQTTMemory(receiving: receiving.region, outbox: outbox.region)
    memory.keepAliveSeconds = Greeting.keepAlive
    memory.response = UInt32(link.patience)
    session = Session(memory)
  }

  /// Sends CONNECT, with a token that is good until `expiry`, and waits for CONNACK: 1 when accepted, or a `mote_status`.
  func connect(expiry: UInt64) -> Int32 {
    let flags: ConnectFlags = device.identity.usesCertificate ? .userName : .userName | .password
    guard let writer = compose(flags, expiry) else {
      session.discardConnect()
      return MOTE_ERROR_SIGNING
    }
    do throws(Failure) {
      try session.connect(writer, flags, now: LinuxPort.now)
    } catch {
      return error.code
    }
    return run(until: .max) { $0.kind == .connected }
  }

  private func compose(_ flags: ConnectFlags, _ expiry: UInt64) -> Writer? {
    var writer = session.composeConnect(flags)
    var field = writer.openField()
    writer.appendClientIdentifier(of: device.identity)
    writer.closeField(field)
    field = writer.openField()
    writer.appendUserName(of: device.identity)
    writer.closeField(field)
    guard !device.identity.usesCertificate else { return writer }
    field = writer.openField()
    guard writer.appendToken(for: device.identity, signer: device.signer, expiry: expiry) else { return nil }
    writer.closeField(field)
    return writer
  }

  /// Subscribes to cloud-to-device messages: 1, or a `mote_status`.
  func subscribe() -> Int32 {
    var writer = session.compose()
    let field = writer.openField()
    writer.appendDeviceBoundFilter(of: device.identity)
    writer.closeField(field)
    writer.append(1)
    guard (try? session.subscribe(writer, filters: 1)) != nil else { return MOTE_ERROR_STATE }
    var isRefused = false
    let result = run(until: LinuxPort.now + link.patience) { event in
      guard event.kind == .subscribed else { return false }
      isRefused = event.payload[0] == 0x80
      return true
    }
    if isRefused { return MOTE_ERROR_SUBSCRIPTION_REFUSED }
    return result == 0 ? MOTE_ERROR_TIMED_OUT : result
  }

  /// Watches for so many milliseconds whether the connection stays: 1, or a `mote_status`.
  func watch(_ duration: UInt64) -> Int32 {
    let result = run(until: LinuxPort.now + duration) { _ in false }
    return result == 0 ? 1 : result
  }

  /// Says goodbye.
  func leave() {
    if (try? session.disconnect()) != nil { _ = run(until: LinuxPort.now + 1_000) { _ in false } }
    session.lost()
    link.close()
  }

  /// Moves bytes until `isEnd` says so of an event, or DISCONNECT has left: 1; 0 at the deadline, or a `mote_status`.
  private func run(until deadline: UInt64, _ isEnd: (Event) -> Bool) -> Int32 {
    do throws(Failure) {
      var event = Event()
      while true {
        while try session.next(&event, now: LinuxPort.now) {
          if event.kind == .message && event.isComplete { try? session.hold() }
          if isEnd(event) { return 1 }
        }
        // In each round: a server that never stops to send does not prolong it.
        if LinuxPort.now >= deadline { return 0 }
        let bytes = session.transmission(now: LinuxPort.now)
        let sent = bytes.count == 0 ? 0 : link.tls.send(bytes)
        if sent < 0 { return sent }
        if sent > 0 { session.sent(Int(sent), now: LinuxPort.now) }
        if session.hasLeft { return 1 }
        let space = session.space()
        var received = space.count == 0 ? 0 : link.tls.receive(space)
        if received == TLS.held { received = 0 }
        if received < 0 { return received }
        session.received(Int(received))
        if sent > 0 || received > 0 { continue }
        link.wait(toRead: space.count > 0, toWrite: bytes.count > 0, until: min(deadline, session.deadline))
      }
    } catch {
      return error.code
    }
  }
}
