import MoteBytes
import MoteProxy
import MoteTestSupport

/// A proxy's client, and what it says.
final class Talk {
  private let user: Memory
  private let password: Memory
  private let target: Memory
  private let room: Memory
  var proxy: Proxy
  /// How many bytes the transport takes at a time.
  private let step: Int

  /// Nil when the protocol cannot carry the credentials, or the name.
  init?(
    _ kind: Proxy.Kind, _ target: String = "hub.example", _ portNumber: UInt16 = 443, user: String = "",
    password: String = "", room size: Int = 64, step: Int = .max
  ) {
    self.user = Memory(Array(user.utf8))
    self.password = Memory(Array(password.utf8))
    self.target = Memory(Array(target.utf8))
    room = Memory(size)
    self.step = step
    guard let made = Proxy(kind, user: self.user.region, password: self.password.region) else { return nil }
    proxy = made
    guard proxy.start(self.target.region, portNumber: portNumber) else { return nil }
  }

  /// All that leaves before an answer.
  func ask() -> [UInt8] {
    var bytes: [UInt8] = []
    while !proxy.isAsked {
      let count = proxy.ask(room.region)
      let taken = min(count, step)
      bytes += room.prefix(taken)
      proxy.asked(taken)
    }
    return bytes
  }

  /// How an answer is taken: what of it was left, whether it opened the way, and the failure.
  func answer(_ bytes: [UInt8]) -> (left: Int, isOpen: Bool, failure: Int32) {
    for (place, byte) in bytes.enumerated() {
      do throws(Failure) {
        let isOpen = try proxy.answer(byte)
        if isOpen || !proxy.isAsked { return (bytes.count - place - 1, isOpen, 0) }
      } catch {
        return (bytes.count - place - 1, false, error.code)
      }
    }
    return (0, false, 0)
  }

  func answer(_ text: String) -> (left: Int, isOpen: Bool, failure: Int32) { answer(Array(text.utf8)) }
}
