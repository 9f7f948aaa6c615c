import CMote
import CMoteCommand
import Mote
import MoteBytes
import MoteHub
import MoteLinux
import MoteTLS
import MoteTransport

/// One connection, step by step: each waits until it is done or has taken too long, and gives a `mote_status`. A connection
/// that goes on to ``send(_:)`` has been verified.
@safe final class Link {
  let target: Endpoint
  let credentials: Credentials
  let chain: CertificateChain
  /// How long a step may take, in milliseconds.
  let patience: UInt64
  private let host: Memory
  private let way: Way
  private let socket: UnsafeMutablePointer<SecureWebSocket>
  /// TLS, or the WebSocket upon it.
  let tls: TLS

  init(
    _ settings: ConnectionSettings, _ target: Endpoint, patience: UInt64, isWebSocket: Bool = false
  ) throws(Explanation) {
    self.target = target
    self.patience = patience
    // Its own, so that no session of another connection is resumed: a server shows its certificates but once.
    credentials = try Credentials(
      caFile: settings.caFile, certificate: settings.certificate, key: settings.key, isInsecure: false)
    chain = CertificateChain(watching: credentials)
    host = Memory(target.host.utf8)
    way = try Way(settings.proxy)
    // Sound: freed in deinit, and used by this object only.
    unsafe socket = .allocate(capacity: 1)
    let below = credentials.tls
    tls = isWebSocket ? unsafe SecureWebSocket.make(socket, upon: below, portNumber: target.port) : below
  }

  deinit {
    close()
    unsafe socket.deallocate()
  }

  // All calls below are sound: the port lives as long as this object, and pointers are used within the call.

  /// Looks the name up: how many addresses it has, or a `mote_status`.
  func resolve() -> Int32 {
    waiting { (link) in
      let port = unsafe link.way.functions
      let result = unsafe port.pointee.resolve(
        port.pointee.context, UnsafeRawPointer(link.host.region.pointer).assumingMemoryBound(to: CChar.self),
        link.host.region.count)
      return (result, .read)
    }
  }

  /// An address that the name has, as one writes it with its port.
  func addressText(_ address: Int32, port: UInt16) -> String {
    let number = unsafe written { (buffer, count) in
      unsafe mote_command_address_text(way.addresses, address, buffer, count)
    }
    return Endpoint(host: number, port: port).text
  }

  /// Connects to an address: 1, or a `mote_status`.
  func connect(address: Int32, port: UInt16) -> Int32 {
    waiting { (link) in
      let functions = unsafe link.way.functions
      let result = unsafe functions.pointee.connect(functions.pointee.context, address, port)
      return result == 2 ? (0, .read) : (result, .write)
    }
  }

  /// Does the handshake and verifies the server, and opens the WebSocket: 1, or a `mote_status`.
  func secure() -> Int32 {
    let status = unsafe tls.start(
      way.functions, name: host.region, wallSeconds: way.port.wallSeconds)
    guard status == 0 else { return status }
    return waiting { (link) in
      switch link.tls.step() {
      case TLS.wantsRead: (0, .read)
      case TLS.wantsWrite: (0, .write)
      case let status: (status, .nothing)
      }
    }
  }

  /// When what begins now has taken too long.
  var deadline: UInt64 { LinuxPort.now + patience }

  /// Sends all by `deadline`: 1, or a `mote_status`.
  func send(_ bytes: Region, until deadline: UInt64) -> Int32 {
    var sent = 0
    while sent < bytes.count {
      let rest = bytes.part(sent, bytes.count - sent)
      let count = waiting(until: deadline) { (link) in (link.tls.send(rest), .write) }
      if count < 0 { return count }
      sent += Int(count)
    }
    return 1
  }

  /// Receives until `deadline`: how many bytes came, or a `mote_status`, also when bytes keep coming after it.
  func receive(_ room: Region, until deadline: UInt64) -> Int32 {
    guard LinuxPort.now < deadline else { return MOTE_ERROR_TIMED_OUT }
    return waiting(until: deadline) { (link) in
      let count = link.tls.receive(room)
      return count == TLS.held ? (0, .write) : (count, .read)
    }
  }

  /// Closes, to connect again or for good.
  func close() {
    tls.close()
    unsafe way.functions.pointee.close(way.functions.pointee.context)
  }

  /// Sleeps until there may be something to do.
  func wait(toRead: Bool, toWrite: Bool, until deadline: UInt64) {
    _ = way.wait(toRead: toRead, toWrite: toWrite, until: deadline)
  }

  private enum Need {
    case nothing
    case read
    case write
  }

  /// Tries until the result is not 0, or it has taken too long.
  private func waiting(_ step: (Link) -> (result: Int32, need: Need)) -> Int32 { waiting(until: deadline, step) }

  /// Tries until the result is not 0, or `deadline` has come.
  private func waiting(until deadline: UInt64, _ step: (Link) -> (result: Int32, need: Need)) -> Int32 {
    while true {
      let (result, need) = step(self)
      if result != 0 { return result }
      if LinuxPort.now >= deadline { return MOTE_ERROR_TIMED_OUT }
      if need != .nothing { wait(toRead: need == .read, toWrite: need == .write, until: deadline) }
    }
  }
}
