// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteProxy

@c @implementation
public func mote_proxy_init(
  _ proxy: UnsafeMutablePointer<mote_proxy>!, _ size: Int, _ options: UnsafePointer<mote_proxy_options>!
) -> mote_status {
  guard size >= MemoryLayout<ProxyPort>.size else { return MOTE_ERROR_SIZE }
  var given = unsafe mote_proxy_options()
  guard let proxy = unsafe proxy,
    unsafe copyOptions(options, to: &given, count: MemoryLayout<mote_proxy_options>.size),
    let port = unsafe given.port, unsafe isComplete(port), unsafe given.port_number < 65_536,
    let kind = unsafe Proxy.Kind(rawValue: given.kind),
    let host = unsafe sharedRegion(given.host, given.host_length), host.count > 0 && host.count < 256,
    let user = unsafe sharedRegion(given.user, given.user_length),
    let password = unsafe sharedRegion(given.password, given.password_length),
    // Longer than any; a length that is absurd is not followed.
    user.count | password.count < 4_096,
    let value = Proxy(kind, user: user, password: password)
  else { return MOTE_ERROR_ARGUMENT }
  let number = unsafe given.port_number
  let own: UInt32 = kind == .http ? 8_080 : 1_080
  // Sound: mote.h says that all of it outlives the proxy, which stays where it is.
  unsafe _ = ProxyPort.make(
    UnsafeMutableRawPointer(proxy).bindMemory(to: ProxyPort.self, capacity: 1), over: port, host: host,
    portNumber: UInt16(truncatingIfNeeded: number == 0 ? own : number), value)
  return MOTE_OK
}

@c @implementation
public func mote_proxy_port(_ proxy: UnsafePointer<mote_proxy>!) -> UnsafePointer<mote_port>! {
  // Sound: a proxy begins with its port.
  unsafe UnsafeRawPointer(proxy)?.assumingMemoryBound(to: mote_port.self)
}
