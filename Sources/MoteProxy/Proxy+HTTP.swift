import MoteBytes

/// Most bytes of an answer's head.
private var mostAnswer: Int { 8_192 }

extension Proxy {
  /// The request, which has the same name twice.
  func writeRequest(_ message: inout Window) {
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
  @inline(never) private func writeAuthority(_ message: inout Window) {
    let isNumeric = target.hasColon
    if isNumeric { message.append(UInt8(ascii: "[")) }
    message.append(target.bytes)
    if isNumeric { message.append(UInt8(ascii: "]")) }
    message.append(UInt8(ascii: ":"))
    // The digits, four bits each, the first of them lowest; 15 stands behind the last.
    var digits: UInt32 = 15
    var rest = UInt32(portNumber)
    repeat {
      // A tenth, by multiplying: exact for 16 bits.
      let tenth = (rest &* 52_429) &>> 19
      digits = digits &<< 4 | (rest &- tenth &* 10)
      rest = tenth
    } while rest > 0
    while digits != 15 {
      message.append(UInt8(ascii: "0") | UInt8(truncatingIfNeeded: digits & 15))
      digits &>>= 4
    }
  }

  /// `user:password` in base64 (RFC 7617, 2).
  @inline(__always) private func writeCredentials(_ message: inout Window) {
    let count = user.count &+ 1 &+ password.count
    var place = 0
    var bits: UInt32 = 0
    var held = 0
    while place < count || held > 0 {
      if held < 6 {
        var byte: UInt8 = 0
        if place < user.count {
          byte = user[place]
        } else if place == user.count {
          byte = UInt8(ascii: ":")
        } else if place < count {
          byte = password[place &- user.count &- 1]
        }
        bits = bits &<< 8 | UInt32(byte)
        held &+= 8
        place &+= 1
      }
      // None of its bits are of a byte.
      let isPadding = held <= (place &- count) &* 8
      held &-= 6
      let value = UInt8(truncatingIfNeeded: bits &>> UInt32(truncatingIfNeeded: held)) & 63
      message.append(isPadding ? UInt8(ascii: "=") : UInt8(base64Character: value))
    }
  }

  /// A byte of the answer: its status, then lines up to an empty one.
  mutating func answerHTTP(_ byte: UInt8) throws(Failure) -> Bool {
    guard answerCount <= mostAnswer else { throw .proxyAnswer }
    // How it begins; 0 stands for any digit.
    let start = ("HTTP/1.0 000" as StaticString).bytes
    lineCount &+= 1
    if answerCount <= start.count {
      let wanted = start[answerCount &- 1]
      if wanted == UInt8(ascii: "0") {
        let digit = byte &- wanted
        guard digit < 10 else { throw .proxyAnswer }
        status = status &* 10 &+ UInt16(digit)
      } else {
        guard byte == wanted else { throw .proxyAnswer }
        status = 0
      }
      if answerCount == start.count { try judge() }
    } else if byte == UInt8(ascii: "\n") {
      // What comes after an answer of 2xx is the server's.
      if lineCount == 1 { return true }
      lineCount = 0
    } else if byte == UInt8(ascii: "\r") {
      lineCount &-= 1
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
