public import CMote
public import MoteBytes

/// A port over a port: connections go by way of a proxy, which neither a client nor TLS knows. It must stay where it is.
@safe public struct ProxyPort {
  /// Its functions, with itself for their context.
  private var table: mote_port
  private let below: UnsafePointer<mote_port>
  private let host: Region
  private let portNumber: UInt16
  private var proxy: Proxy
  /// Whom the client wants to reach.
  private var target = Region.empty
  /// Whether TCP to the proxy is open, and whether the way to the server is.
  private var isConnected = false
  private var isOpen = false
  /// A part of what is sent. It may hold credentials, until it has left.
  private let room: Region
  private var memory: InlineArray<64, UInt8> = .init(repeating: 0)

  private init(_ below: UnsafePointer<mote_port>, host: Region, portNumber: UInt16, _ proxy: Proxy, room: Region) {
    self.room = room
    unsafe self.below = below
    self.host = host
    self.portNumber = portNumber
    self.proxy = proxy
    // Sound: the functions get the context that `make` puts there, and what a port's functions get.
    unsafe table = mote_port(
      context: nil,
      resolve: { (context, name, length) in unsafe of(context).pointee.resolve(name, length) },
      connect: { (context, index, number) in unsafe of(context).pointee.connect(index, number) },
      send: { (context, bytes, length) in
        let below = unsafe of(context).pointee.below
        return unsafe below.pointee.send(below.pointee.context, bytes, length)
      },
      receive: { (context, bytes, capacity) in
        let below = unsafe of(context).pointee.below
        return unsafe below.pointee.receive(below.pointee.context, bytes, capacity)
      },
      close: { (context) in unsafe of(context).pointee.close() },
      entropy: { (context, bytes, length) in
        let below = unsafe of(context).pointee.below
        return unsafe below.pointee.entropy(below.pointee.context, bytes, length)
      },
      wall_seconds: { (context) in
        let below = unsafe of(context).pointee.below
        return unsafe below.pointee.wall_seconds(below.pointee.context)
      })
  }

  /// Makes one in the caller's memory, over `below`, to the proxy named `host`. Unsafe, because the compiler cannot see how long
  /// they live.
  @unsafe public static func make(
    _ pointer: UnsafeMutablePointer<ProxyPort>, over below: UnsafePointer<mote_port>, host: Region, portNumber: UInt16,
    _ proxy: Proxy
  ) -> UnsafePointer<mote_port> {
    let start = UnsafeMutableRawPointer(pointer)
    let size = MemoryLayout<InlineArray<64, UInt8>>.size
    // Sound: the room is its last part, and the table the first.
    let room = unsafe Region(
      start: (start + MemoryLayout<ProxyPort>.size - size).assumingMemoryBound(to: UInt8.self), count: size)
    unsafe pointer.initialize(to: ProxyPort(below, host: host, portNumber: portNumber, proxy, room: room))
    unsafe pointer.pointee.table.context = start
    return unsafe UnsafePointer(start.assumingMemoryBound(to: mote_port.self))
  }

  /// Looks the proxy up: the server's name is for the proxy to look up.
  private mutating func resolve(_ name: UnsafePointer<CChar>?, _ length: Int) -> Int32 {
    guard let name = unsafe UnsafeMutableRawPointer(mutating: name) else { return MOTE_ERROR_NAME_NOT_FOUND }
    // Sound: mote.h says that it stays until the connection ends.
    target = unsafe Region(start: name.assumingMemoryBound(to: UInt8.self), count: length)
    guard proxy.start(target, portNumber: 0) else { return MOTE_ERROR_NAME_NOT_FOUND }
    let result = unsafe below.pointee.resolve(
      below.pointee.context, UnsafeRawPointer(host.pointer).assumingMemoryBound(to: CChar.self), host.count)
    return result < 0 ? MOTE_ERROR_PROXY_NAME : result
  }

  private mutating func connect(_ index: Int32, _ number: UInt16) -> Int32 {
    if isOpen { return 1 }
    if !isConnected {
      let result = unsafe below.pointee.connect(below.pointee.context, index, portNumber)
      if result < 0 { return MOTE_ERROR_PROXY_CONNECT }
      if result != 1 { return result }
      isConnected = true
      guard proxy.start(target, portNumber: number) else { return MOTE_ERROR_NAME_NOT_FOUND }
    }
    let result = shakeHands()
    if result == 1 { isOpen = true }
    return result
  }

  /// All that can be done now of what comes before the server's own bytes: 1 when the way is open, 0 for what cannot leave, 2 for
  /// what has not come.
  private mutating func shakeHands() -> Int32 {
    while true {
      while !proxy.isAsked {
        let count = proxy.ask(room)
        if count == 0 { break }
        let result = unsafe below.pointee.send(below.pointee.context, room.pointer, count)
        if result > 0 && Int(result) <= count { proxy.asked(Int(result)) }
        for place in room.bytes.indices { room[place] = 0 }
        if result <= 0 { return result }
        if Int(result) > count { return MOTE_ERROR_NETWORK }
      }
      // One byte after the other, so that none is taken of what follows the answer.
      let result = unsafe below.pointee.receive(below.pointee.context, room.pointer, 1)
      if result == 0 { return 2 }
      // To end the connection is an answer too, though none of the protocol.
      if result < 0 { return result == MOTE_ERROR_CLOSED ? MOTE_ERROR_PROXY_ANSWER : result }
      do throws(Failure) {
        if try proxy.answer(room[0]) { return 1 }
      } catch {
        return error.code
      }
    }
  }

  private mutating func close() {
    isConnected = false
    isOpen = false
    unsafe below.pointee.close(below.pointee.context)
  }
}

/// What a function of the table got.
private func of(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<ProxyPort> {
  // Sound: `make` has put it there.
  unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: ProxyPort.self)
}
