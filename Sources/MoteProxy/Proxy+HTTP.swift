import MoteBytes

/// Most bytes of an answer's head.
private var mostAnswer: Int { 8_192 }

extension Proxy {
  /// The request, which has the same name twice.
  func writeRequest(_ message: inout Message) {
    message.append("CONNECT ")
    writeAuthority(&message)
    message.append(" HTTP/1.1\r\nHost: ")
    writeAuthority(&message)
    if user.count > 0 {
      message.append("\r\nProxy-Authorization: Basic ")
      writeCredentials(&message)
    }
    message.append("\r\n\r\n")
  }

  /// Host and port (RFC 3986, 3.2), an IPv6 address in brackets.
  @inline(never) private func writeAuthority(_ message: inout Message) {
    var isNumeric = false
    for place in 0..<target.count where target[place] == UInt8(ascii: ":") { isNumeric = true }
    if isNumeric { message.append(UInt8(ascii: "[")) }
    message.append(target.bytes)
    if isNumeric { message.append(UInt8(ascii: "]")) }
    message.append(UInt8(ascii: ":"))
    var digits: InlineArray<5, UInt8> = .init(repeating: 0)
    var rest = UInt32(portNumber)
    for place in 0..<5 {
      // A tenth, by multiplying: exact for 16 bits.
      let tenth = (rest &* 52_429) &>> 19
      digits[4 &- place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- tenth &* 10)
      rest = tenth
    }
    var first = 0
    while first < 4 && digits[first] == UInt8(ascii: "0") { first &+= 1 }
    message.append(digits.span.extracting(first..<5))
  }

  /// `user:password` in base64 (RFC 7617, 2).
  @inline(__always) private func writeCredentials(_ message: inout Message) {
    let count = user.count &+ 1 &+ password.count
    var place = 0
    while place < count {
      var group: UInt32 = 0
      for next in place..<place &+ 3 {
        var byte: UInt8 = 0
        if next < user.count {
          byte = user[next]
        } else if next == user.count {
          byte = UInt8(ascii: ":")
        } else if next < count {
          byte = password[next &- user.count &- 1]
        }
        group = group &<< 8 | UInt32(byte)
      }
      for offset in 0..<4 {
        let value = UInt8(truncatingIfNeeded: group &>> 18) & 63
        message.append(place &+ offset > count ? UInt8(ascii: "=") : UInt8(base64Character: value))
        group &<<= 6
      }
      place &+= 3
    }
  }

  /// A byte of the answer: its status, then lines up to an empty one.
  mutating func answerHTTP(_ byte: UInt8) throws(Failure) -> Bool {
    guard answerCount <= mostAnswer else { throw .proxyAnswer }
    if byte == UInt8(ascii: "\n") {
      // What comes after an answer of 2xx is the server's.
      if status == 0 || answerCount < 13 { throw .proxyAnswer }
      if lineCount == 0 { return true }
      lineCount = 0
      return false
    }
    if byte != UInt8(ascii: "\r") { lineCount &+= 1 }
    switch answerCount {
    case 1...7:
      guard byte == ("HTTP/1." as StaticString).bytes[answerCount &- 1] else { throw .proxyAnswer }
    case 8: guard byte &- UInt8(ascii: "0") < 10 else { throw .proxyAnswer }
    case 9: guard byte == UInt8(ascii: " ") else { throw .proxyAnswer }
    case 10...12:
      guard byte &- UInt8(ascii: "0") < 10 else { throw .proxyAnswer }
      status = status &* 10 &+ UInt16(byte &- UInt8(ascii: "0"))
      if answerCount == 12 { try judge() }
    default: break
    }
    return false
  }

  @inline(__always) private func judge() throws(Failure) {
    switch status {
    case 200..<300: return
    case 401, 407: throw .proxyCredentials
    case 403: throw .proxyForbidden
    case 500..<600: throw .proxyUnreachable
    case 100...: throw .proxyRefused
    default: throw .proxyAnswer
    }
  }
}
