public import MoteBytes
public import MoteTLS

/// The stack below a protocol: name, TCP connection to each address in turn, TLS. It never blocks, and resolves the
/// name anew for each connection.
public struct Transport: ~Copyable {
  public enum Stage: UInt8, Sendable {
    case closed
    case resolving
    case connecting
    case securing
    case open
  }

  /// How long each stage may take, in milliseconds.
  public struct Patience {
    public var resolve: UInt32 = 15_000
    /// For each address.
    public var connect: UInt32 = 10_000
    public var handshake: UInt32 = 30_000

    public init() {}
  }

  /// MOTE_ERROR_TIMED_OUT.
  private static var timedOut: Int32 { -26 }

  public let port: Port
  /// Or what a protocol has put upon it.
  public var tls: TLS
  public let host: Region
  /// 0 until a protocol says which is its own.
  public var portNumber: UInt16
  public let patience: Patience
  public private(set) var stage = Stage.closed
  /// When the stage has taken too long, or now when there is more to do at once.
  public private(set) var deadline = UInt64.max
  /// What to wait for before the next call.
  public private(set) var waitsToRead = false
  public private(set) var waitsToWrite = false
  private var address: Int32 = 0
  private var addresses: Int32 = 0

  /// Whether TLS has been started: the stages are in their order.
  public var isSecured: Bool { mutating get { stage.rawValue >= Stage.securing.rawValue } }

  /// A stack that is closed. It will connect to `host`, and expect a certificate in that name.
  public init(_ port: Port, _ tls: TLS, host: Region, portNumber: UInt16, patience: Patience) {
    self.port = port
    self.tls = tls
    self.host = host
    self.portNumber = portNumber
    self.patience = patience
  }

  /// Begins a connection. ``advance(now:)`` carries it on.
  public mutating func open(now: UInt64) {
    enter(.resolving, now: now, patience.resolve)
  }

  private mutating func enter(_ stage: Stage, now: UInt64, _ patience: UInt32) {
    self.stage = stage
    deadline = now &+ UInt64(widened: UInt(patience))
  }

  /// Does what can be done now, at most one step of the TLS handshake. True when there is more to do at once.
  public mutating func advance(now: UInt64) throws(Failure) -> Bool {
    waitsToRead = false
    waitsToWrite = false
    var result: Int32
    switch stage {
    case .closed, .open: return false
    case .resolving:
      result = port.resolve(host)
      waitsToRead = true
      if result > 0 {
        addresses = result
        address = 0
        enter(.connecting, now: now, patience.connect)
        return true
      }
    case .connecting:
      result = port.connect(address: address, portNumber: portNumber)
      waitsToRead = result == 2
      waitsToWrite = !waitsToRead
      if waitsToRead { result = 0 }
      if result == 0 && now >= deadline { result = Transport.timedOut }
      if result < 0 && address &+ 1 < addresses {
        port.close()
        address &+= 1
        enter(.connecting, now: now, patience.connect)
        return true
      }
      if result > 0 {
        // TCP is open: what fails now is TLS.
        enter(.securing, now: now, patience.handshake)
        result = unsafe tls.start(port.port, name: host, wallSeconds: port.wallSeconds)
        if result == 0 { return true }
      }
    case .securing:
      result = tls.step()
      if result == 1 {
        stage = .open
        deadline = .max
        return true
      }
      if result == 0 { return true }
      waitsToRead = result == TLS.wantsRead
      waitsToWrite = result == TLS.wantsWrite
    }
    if result < 0 { throw Failure(result) }
    if now >= deadline { throw Failure(Transport.timedOut) }
    return false
  }

  /// Sends; how many bytes were taken, 0 for none before the port can send, below zero for none before something has come. `front`: how many bytes before them may be used meanwhile.
  public mutating func send(_ bytes: Region, front: Int) throws(Failure) -> Int {
    let count = tls.send(bytes, front: front)
    if count < 0 && count != TLS.held { throw Failure(count) }
    waitsToWrite = count == 0
    return Int(count)
  }

  /// Receives; how many bytes came, 0 for none now, below zero for none before the port can send.
  @inline(__always) public mutating func receive(_ room: Region) throws(Failure) -> Int {
    let count = tls.receive(room)
    if count < 0 && count != TLS.held { throw Failure(count) }
    return Int(count)
  }

  /// Says goodbye where there is somebody to say it to, and closes everything. Also when already closed.
  public mutating func close() {
    if isSecured { tls.close() }
    if stage != .closed { port.close() }
    stage = .closed
    deadline = .max
    waitsToRead = false
    waitsToWrite = false
  }
}
