import MoteBytes
import MoteProxy

/// What a proxy answers: any bytes end in a way that is open, in a failure of mote.h, or in waiting; and what leaves is the same
/// whatever its pieces.
///
/// An input is the kind and whether there are credentials, the room for pieces, and the bytes.
func fuzz(_ input: inout Input) {
  let choice = input.byte()
  let room = Buffer(1 + Int(input.byte() & 0x3F))
  let bytes = input.rest()
  let user = Buffer(choice & 2 == 0 ? [] : Array("user".utf8))
  let password = Buffer(choice & 4 == 0 ? [] : Array("a password".utf8))
  let target = Buffer(Array("hub.example".utf8))
  let kind: Proxy.Kind = choice & 1 == 0 ? .http : .socks5
  guard var proxy = Proxy(kind, user: user.region, password: password.region) else { fatalError("no proxy") }
  demand(proxy.start(target.region, portNumber: 443), "not started")

  var rest = bytes[...]
  var taken: [UInt8] = []
  for _ in 0..<4 {
    let whole = Buffer(1_024)
    let length = proxy.ask(whole.region)
    var left: [UInt8] = []
    while true {
      let count = proxy.ask(room.region)
      demand(proxy.isAsked == (count == 0) && count <= room.region.count, "\(count) bytes")
      if count == 0 { break }
      left += room.region.array.prefix(count)
      proxy.asked(count)
    }
    demand(left == Array(whole.region.array.prefix(length)), "other bytes in pieces")
    while proxy.isAsked {
      guard let byte = rest.popFirst() else { return }
      taken.append(byte)
      do throws(Failure) {
        if try proxy.answer(byte) { return demand(opens(taken, kind), "open without a yes") }
      } catch {
        return demand(-34 ... -30 ~= error.code, "another failure: \(error.code)")
      }
    }
  }
  fatalError("more than three messages")
}

/// Whether an answer says yes.
private func opens(_ bytes: [UInt8], _ kind: Proxy.Kind) -> Bool {
  guard kind == .socks5 else {
    return bytes.starts(with: Array("HTTP/1.".utf8)) && bytes[9] == UInt8(ascii: "2")
      && bytes.filter { $0 != 13 }.suffix(2) == [10, 10]
  }
  let answer = bytes.dropFirst(bytes[1] == 2 ? 4 : 2)
  return answer.starts(with: [5, 0]) && answer.count >= 7
}
