import CMote
private import CMoteTLS
public import MoteBytes
public import MoteMQTT
public import MoteTLS
import MoteTransport
import MoteWebSocket

/// Most receptions in a row that bring nothing of the stream: a peer that does nothing but ping must not keep the application
/// from its work.
private var receptionLimit: Int { 256 }

/// A WebSocket upon TLS, which a client uses as if it were TLS, and the memory that it works in. It must stay where it is.
@safe public struct SecureWebSocket {
  private var calls: TLS.Calls
  /// What it stands on.
  private let tls: TLS
  private let portNumber: UInt16
  /// Whether TLS is open, and whether the WebSocket is.
  private var isSecure = false
  private var isOpen = false
  /// How the server refused, as HTTP has it, or 0.
  private var refusal: UInt16 = 0
  /// The server's name and the platform, once there is a connection.
  private var host = Region.empty
  private var port: Port?
  private var socket: WebSocket
  private var memory: InlineArray<172, UInt8>

  private init(_ tls: TLS, portNumber: UInt16, _ memory: Region) {
    self.tls = tls
    self.portNumber = portNumber
    self.memory = .init(repeating: 0)
    socket = WebSocket(memory)
    // Sound: each is called with the state that it was made for, and with what TLS's own calls are called with.
    calls = unsafe TLS.Calls(
      start: { (state, port, name, length, wallSeconds) in
        unsafe of(state).pointee.start(port, name, length, wallSeconds)
      },
      handshake: { unsafe of($0).pointee.handshake() },
      send: { (state, bytes, length, front) in
        unsafe of(state).pointee.send(
          Region(start: bytes.unsafelyUnwrapped - front, count: front &+ length), from: front)
      },
      receive: { (state, bytes, capacity) in
        unsafe of(state).pointee.receive(Region(start: bytes.unsafelyUnwrapped, count: capacity))
      },
      close: { unsafe of($0).pointee.close() },
      library_code: { unsafe of($0).pointee.libraryCode })
  }

  /// Makes one upon TLS, in the caller's memory: what is used in the place of that. Unsafe, because the compiler cannot see how
  /// long the memory lives.
  @unsafe public static func make(
    _ pointer: UnsafeMutablePointer<SecureWebSocket>, upon tls: TLS, portNumber: UInt16
  ) -> TLS {
    let start = UnsafeMutableRawPointer(pointer)
    let offset = MemoryLayout<SecureWebSocket>.size - WebSocket.memorySize
    // Sound: the memory is the value's last part.
    let memory = unsafe Region(
      start: (start + offset).assumingMemoryBound(to: UInt8.self), count: WebSocket.memorySize)
    unsafe pointer.initialize(to: SecureWebSocket(tls, portNumber: portNumber, memory))
    // Sound: the calls are its first part.
    return unsafe TLS(OpaquePointer(pointer), start.assumingMemoryBound(to: TLS.Calls.self))
  }

  private mutating func start(
    _ port: UnsafePointer<mote_port>?, _ name: UnsafePointer<CChar>?, _ length: Int, _ wallSeconds: Int64
  ) -> Int32 {
    guard let port = unsafe port, let name = unsafe UnsafeMutableRawPointer(mutating: name) else {
      return MOTE_ERROR_ARGUMENT
    }
    // Sound: both are the client's, and stay as long as the connection.
    let host = unsafe Region(start: name.assumingMemoryBound(to: UInt8.self), count: length)
    let platform = unsafe Port(port)
    self.host = host
    self.port = platform
    isSecure = false
    isOpen = false
    refusal = 0
    var nonce: InlineArray<4, UInt32> = .init(repeating: 0)
    for place in 0..<4 { nonce[place] = platform.random() }
    socket.start(nonce)
    return unsafe tls.start(port, name: host, wallSeconds: wallSeconds)
  }

  /// A step of TLS's handshake, then all that can be done of the WebSocket's.
  private mutating func handshake() -> Int32 {
    if !isSecure {
      let result = tls.step()
      if result != 1 { return result }
      isSecure = true
      return 0
    }
    while true {
      let bytes = socket.asking(host: host, portNumber: portNumber)
      if bytes.count == 0 { break }
      let count = tls.send(bytes)
      if count <= 0 { return count == 0 ? TLS.wantsWrite : count }
      socket.asked(Int(count), all: Int(count) == bytes.count)
    }
    // One byte after the other, so that none is taken of what follows the answer.
    let byte = socket.byte
    while true {
      let count = tls.receive(byte)
      if count <= 0 { return count == 0 ? TLS.wantsRead : count }
      do throws(Failure) {
        isOpen = try socket.answer(byte[0])
        if isOpen { return 1 }
      } catch {
        if error == .webSocketRefused { refusal = socket.status }
        return error.code
      }
    }
  }

  private mutating func send(_ region: Region, from start: Int) -> Int32 {
    while true {
      let bytes = socket.offer(region, from: start, key: port?.random() ?? 0)
      if bytes.count == 0 { return 0 }
      let isData = !socket.isControlOffered
      let count = tls.send(bytes)
      let taken = socket.took(count)
      if isData || count <= 0 { return taken }
    }
  }

  private mutating func receive(_ room: Region) -> Int32 {
    for _ in 0..<receptionLimit {
      if socket.owes {
        let count = send(.empty, from: 0)
        if count < 0 { return count }
        if socket.isControlOffered { return TLS.held }
      }
      if socket.isClosed { return MOTE_ERROR_CLOSED }
      var count = tls.receive(room)
      if count <= 0 { return count }
      do throws(Failure) {
        count = Int32(truncatingIfNeeded: try socket.receive(room, Int(count)))
      } catch {
        // The server is told of a protocol error (7.4.1) when the connection is closed.
        socket.close(1_002)
        return error.code
      }
      if count > 0 { return count }
    }
    return Failure.webSocketControl.code
  }

  /// Says goodbye, as far as that can leave now.
  private mutating func close() {
    if isOpen {
      isOpen = false
      socket.close(1_000)
      _ = send(.empty, from: 0)
    }
    tls.close()
  }

  private var libraryCode: Int32 { refusal != 0 ? Int32(refusal) : tls.libraryCode }
}

/// What a call got.
private func of(_ state: OpaquePointer?) -> UnsafeMutablePointer<SecureWebSocket> {
  // Sound: `make` has made it of that.
  unsafe UnsafeMutablePointer(state.unsafelyUnwrapped)
}

extension DeviceClient {
  /// Makes the client speak MQTT over a WebSocket over TLS (port 443), for networks that let nothing else through. Once,
  /// before connecting. Unsafe, because the WebSocket must stay where it is as long as the client is used, which the compiler
  /// cannot see.
  @unsafe public mutating func use(
    _ memory: MQTTMemory, over socket: UnsafeMutablePointer<SecureWebSocket>
  ) throws(Failure) {
    try use(memory, portNumber: 443)
    transport.tls = unsafe SecureWebSocket.make(socket, upon: transport.tls, portNumber: transport.portNumber)
  }
}
