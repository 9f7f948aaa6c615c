import CMote
import MoteBytes
import MoteLinux
import MoteProxy
import MoteTransport

/// A Linux port, and where there is one the way by a proxy over it.
@safe final class Way {
  private let state: UnsafeMutablePointer<mote_linux>
  private let table: UnsafeMutablePointer<mote_port>
  private let proxy: UnsafeMutablePointer<ProxyPort>
  // What the proxy's port borrows.
  private let host: Memory
  private let user: Memory
  private let password: Memory
  private let linux: LinuxPort
  /// The port's functions. They must not be used longer than this object.
  @unsafe let functions: UnsafePointer<mote_port>

  init(_ address: ProxyAddress?) throws(Explanation) {
    host = Memory(address?.endpoint.host.utf8 ?? "".utf8)
    user = Memory(address?.user ?? [])
    password = Memory(address?.password ?? [])
    // Sound: freed in deinit, and used by this object only.
    unsafe state = .allocate(capacity: 1)
    unsafe table = .allocate(capacity: 1)
    unsafe proxy = .allocate(capacity: 1)
    unsafe linux = LinuxPort(state: state, table: table)
    guard let address else {
      unsafe functions = UnsafePointer(table)
      return
    }
    guard let value = Proxy(address.kind, user: user.region, password: password.region) else {
      throw Explanation(.usage, "The proxy cannot be given such a user name or password.")
    }
    unsafe functions = ProxyPort.make(
      proxy, over: table, host: host.region, portNumber: address.endpoint.port, value)
  }

  deinit {
    unsafe state.deallocate()
    unsafe table.deallocate()
    unsafe proxy.deallocate()
  }

  /// The port, as a client takes it.
  var port: Port { unsafe Port(functions) }

  /// As ``LinuxPort/wait(toRead:toWrite:until:other:)``.
  func wait(toRead: Bool, toWrite: Bool, until deadline: UInt64, other: Int32 = -1) -> Bool {
    linux.wait(toRead: toRead, toWrite: toWrite, until: deadline, other: other)
  }

  /// The addresses that a name has.
  @unsafe var addresses: UnsafePointer<mote_linux> { unsafe UnsafePointer(state) }
}
