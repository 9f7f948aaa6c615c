import CMote
import MoteTransport

/// A platform that does what a test says, and writes down what it was asked.
@safe final class FakePort {
  enum Call: Equatable {
    case resolve(String)
    case connect(Int32, UInt16)
    case send(Int)
    case receive(Int)
    case close
    case entropy(Int)
    case wallSeconds
  }

  private let table: UnsafeMutablePointer<mote_port>
  private(set) var calls: [Call] = []
  /// Called within each call.
  var during: (Call) -> Void = { _ in }

  // What each function answers. It never gets anywhere as it stands.
  var resolves: () -> Int32 = { 0 }
  var connects: (Int32) -> Int32 = { _ in 0 }
  var sends: (Int) -> Int32 = { Int32($0) }
  var receives: (Int) -> (Int32, [UInt8]) = { _ in (0, []) }
  var gives: Int32 = 0
  var wallSeconds: Int64 = 1_900_000_000
  /// All that was sent.
  private(set) var sent: [UInt8] = []

  init() {
    unsafe table = .allocate(capacity: 1)
    unsafe table.initialize(
      to: mote_port(
        context: Unmanaged.passUnretained(self).toOpaque(),
        resolve: { (context, name, length) in
          let name = unsafe String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self)
          let port = unsafe of(context)
          port.note(.resolve(name))
          return port.resolves()
        },
        connect: { (context, index, number) in
          let port = unsafe of(context)
          port.note(.connect(index, number))
          return port.connects(index)
        },
        send: { (context, bytes, length) in
          let port = unsafe of(context)
          port.note(.send(length))
          let count = port.sends(length)
          if count > 0 { unsafe port.sent += UnsafeBufferPointer(start: bytes, count: Int(count)) }
          return count
        },
        receive: { (context, bytes, capacity) in
          let port = unsafe of(context)
          port.note(.receive(capacity))
          let (result, given) = port.receives(capacity)
          precondition(given.count <= capacity && (result <= 0 || Int(result) == given.count))
          for (place, byte) in given.enumerated() { unsafe bytes?[place] = byte }
          return result
        },
        close: { (context) in unsafe of(context).note(.close) },
        entropy: { (context, bytes, length) in
          let port = unsafe of(context)
          port.note(.entropy(length))
          for place in 0..<length { unsafe bytes?[place] = UInt8(truncatingIfNeeded: place &* 37 &+ port.calls.count) }
          return port.gives
        },
        wall_seconds: { (context) in
          let port = unsafe of(context)
          port.note(.wallSeconds)
          return port.wallSeconds
        }))
  }

  deinit { unsafe table.deallocate() }

  private func note(_ call: Call) {
    calls.append(call)
    during(call)
  }

  /// The port, as a client takes it. Not to be used longer than this object.
  var port: Port { unsafe Port(table) }

  /// The same for C.
  @unsafe var pointer: UnsafePointer<mote_port> { unsafe UnsafePointer(table) }

  /// The calls so far but those for time and random numbers, which are then forgotten.
  func take() -> [Call] {
    defer { calls = [] }
    return calls.filter {
      switch $0 {
      case .entropy, .wallSeconds: false
      default: true
      }
    }
  }
}

/// The port that a C function got.
private func of(_ context: UnsafeMutableRawPointer?) -> FakePort {
  guard let context = unsafe context else { preconditionFailure("no context") }
  return unsafe Unmanaged<FakePort>.fromOpaque(context).takeUnretainedValue()
}

/// Bytes that are given a few at a time, then an end.
final class Feed {
  private var bytes: [UInt8]
  private let step: Int
  private let end: Int32

  init(_ bytes: [UInt8], step: Int = .max, end: Int32 = 0) {
    self.bytes = bytes
    self.step = step
    self.end = end
  }

  func give(_ capacity: Int) -> (Int32, [UInt8]) {
    let count = min(capacity, step, bytes.count)
    if count == 0 { return (end, []) }
    defer { bytes.removeFirst(count) }
    return (Int32(count), Array(bytes.prefix(count)))
  }
}
