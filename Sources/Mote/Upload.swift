import CMote
public import MoteBytes
import MoteHTTP
import MoteHub
public import MoteTLS
public import MoteTransport

extension Failure {
  static var uploadAnswer: Self { Self(-320) }
  static var storage: Self { Self(-321) }
  static var cancelled: Self { Self(-322) }
}

/// How a file gets to the storage of a hub: the device asks the hub where to, puts the file there, as one or in blocks, and tells the
/// hub what became of it. One state machine beside the client's, over a connection of its own, and in constant memory: the file is
/// read as it leaves. It never blocks.
public struct Upload: ~Copyable {
  /// Limits of it, times in milliseconds unless they say otherwise.
  public struct Options {
    /// Bytes of a block. A file that is no longer goes as one.
    public var blockSize: UInt32 = 65_536
    /// How often in a row something may fail before it is given up.
    public var attempts: UInt8 = 10
    /// For an answer, or for the line to take more.
    public var response: UInt32 = 30_000

    public init() {}
  }

  /// What it does. The numbers are those of mote_upload.h.
  public enum Step: Int32, Sendable {
    case idle
    /// Asks the hub where the file goes.
    case ask
    /// Puts all of the file there.
    case put
    /// Puts a block there.
    case block
    /// Makes the file of its blocks.
    case list
    /// Tells the hub what became of it.
    case notify

    /// Whether that is asked of the hub, and not of the storage.
    public var isAtHub: Bool { self == .ask || self == .notify }
  }

  /// The length of a file whose end is seen when it comes.
  public static var unknown: UInt64 { .max }
  /// Most blocks of a file, as the storage has it.
  static var blockLimit: Int { 50_000 }
  /// How soon a source that had nothing is asked again, in milliseconds.
  static var sourceInterval: UInt64 { 20 }
  /// Bytes for a line of a response.
  private static var receiveCount: Int { 256 }

  let identity: Identity
  let signer: Signer
  let port: Port
  private let tls: TLS
  private let host: Region
  private let portNumber: UInt16
  let tokenSeconds: UInt32
  let backoff: Backoff.Limits
  let memory: Region
  let options: Options

  var transport: Transport
  var http: HTTPConnection
  var answer: UploadAnswer
  var problem = HubProblem()

  // The file.
  var name = Region.empty
  var type = Region.empty
  var source: UploadSource?
  var length: UInt64 = 0
  var blockSize = 0
  /// How many blocks are there, and how many bytes.
  var blocks = 0
  var confirmed: UInt64 = 0
  var list = BlockList(blocks: 0)
  /// The block of a file of unknown length, how much of it has been read, and whether the file ends with it.
  var block = Region.empty
  var filled = 0
  var isAtEnd = false

  var step = Step.idle
  /// Whether the step's request has been made.
  var isAsked = false
  /// Whether the connection has answered a request, so that its end is nobody's failure.
  var isProven = false
  /// Whether it is to be given up.
  var isCancelled = false
  /// Whether it asks again, since what lets the file go there has expired; and whether a block has come there with it.
  var isRenewing = false
  var hasMoved = false
  var httpStatus: Int32 = 0
  /// What failed for good, what the other end or mbedTLS calls that, HTTP's status then, and in which step it was.
  var outcome: (status: Int32, code: Int32, httpStatus: Int32, step: Step) = (0, 0, 0, .idle)
  var failures: UInt8 = 0
  var retrySeconds: UInt32 = 0
  /// When to go on, and when the step has taken too long.
  var resumption: UInt64 = 0
  var overdue = UInt64.max

  /// An upload of no file yet, by the device that `client` is, and with its limits. It asks the hub at `portNumber`, over `port` and
  /// `tls`, which no client uses meanwhile.
  public init(
    _ client: borrowing DeviceClient, port: Port, tls: TLS, portNumber: UInt16, memory: Region, options: Options
  ) {
    identity = client.identity
    signer = client.signer
    tokenSeconds = client.tokenSeconds
    backoff = client.backoff.limits
    host = client.transport.host
    self.port = port
    self.tls = tls
    self.portNumber = portNumber
    self.memory = memory
    self.options = options
    transport = Transport(port, tls, host: .empty, portNumber: 0, patience: client.transport.patience)
    answer = UploadAnswer(.empty)
    http = HTTPConnection(HTTPMemory(receiving: memory, sending: memory))
  }

  /// The least that the memory may be.
  public static var leastMemory: Int { 2_048 }

  /// Begins with a file of `length` bytes, or of ``unknown`` ones, that `source` gives and the hub is to call `name`. Both `name`
  /// and `type`, its content type, are borrowed until it is over. ``poll(now:_:)`` does the work.
  public mutating func start(
    _ source: UploadSource, length: UInt64, name: Region, type: Region, now: UInt64
  ) throws(Failure) {
    guard step == .idle else { throw .state }
    // The hub's own limit; and JSON is not to be broken by it.
    guard name.count > 0 && name.count <= 1_024 else { throw .argument }
    for offset in 0..<name.count where name[offset] < 0x20 { throw .argument }
    // No more blocks than there may be.
    var size = UInt64(widened: UInt(options.blockSize))
    if length != Upload.unknown {
      while size &* UInt64(widened: UInt(Upload.blockLimit)) < length && size < 1 &<< 31 { size &*= 2 }
    }
    guard size > 0 && size < 1 &<< 31 else { throw .httpTooLarge }
    self.source = source
    self.length = length
    self.name = name
    self.type = type
    blockSize = Int(truncatingIfNeeded: size)
    blocks = 0
    confirmed = 0
    filled = 0
    isAtEnd = false
    isCancelled = false
    isRenewing = false
    outcome = (0, 0, 0, .idle)
    failures = 0
    retrySeconds = 0
    resumption = now
    step = .ask
  }

  /// Gives the file up. The hub is told, and then the application.
  public mutating func cancel() throws(Failure) {
    guard step != .idle else { throw .state }
    isCancelled = step != .notify || isRenewing
  }

  /// The host that the file goes to, with its port where that is not 443; empty while that is not known.
  public var storage: Region { answer.host }

  /// Writes by what Microsoft's support finds the hub's last refusal. How many bytes it has.
  public func hubTracking(into room: Region) -> Int {
    var writer = Writer(room)
    writer.appendTracking(of: problem)
    return writer.count
  }

  /// Whether the step puts what is read of a file of unknown length, whose length has to be known before.
  var isGathering: Bool { length == Upload.unknown && (step == .put || step == .block) }

  // MARK: The connection

  /// Opens a connection to where the step's request goes, and shares the memory out.
  @inline(never) mutating func open(now: UInt64) throws(Failure) {
    guard port.wallSeconds >= MOTE_EARLIEST_SECONDS else { throw .noTime }
    problem = HubProblem()
    var peer = (name: host, portNumber: portNumber)
    var used = memory.count &>> 1
    if step == .ask {
      answer = UploadAnswer(memory.part(0, used))
    } else {
      used = answer.count
    }
    if !step.isAtHub { peer = answer.peer }
    let receiving = memory.part(used, min(Upload.receiveCount, memory.count &- used))
    used &+= receiving.count
    var sending = memory.part(used, memory.count &- used)
    if !step.isAtHub && length == Upload.unknown {
      // A block has to be read before its length can be said.
      let head = min(headCount, sending.count)
      block = sending.part(head, sending.count &- head)
      sending = sending.part(0, head)
      guard block.count >= 128 else { throw .httpTooLarge }
    }
    let shares = HTTPMemory(receiving: receiving, sending: sending)
    guard shares.isValid else { throw .httpTooLarge }
    http = HTTPConnection(shares)
    transport = Transport(port, tls, host: peer.name, portNumber: peer.portNumber, patience: transport.patience)
    transport.open(now: now)
  }

  /// Closes the connection.
  @inline(never) mutating func drop() {
    transport.close()
    http.reset()
    isAsked = false
    isProven = false
    httpStatus = 0
    overdue = .max
  }

  /// Nothing is left to be done. What let the file go there is wiped.
  mutating func end() {
    drop()
    step = .idle
    for offset in 0..<memory.count { memory[offset] = 0 }
    answer = UploadAnswer(.empty)
  }
}
