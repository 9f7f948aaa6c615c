import MoteBytes

extension Proxy {
  /// The stage's message (RFC 1928, 3 and 4; RFC 1929, 2).
  func writeSOCKS(_ message: inout Window) {
    switch stage {
    case .greeting:
      message.append(5)
      message.append(user.count > 0 ? 2 : 1)
      message.append(0)
      if user.count > 0 { message.append(2) }
    case .credentials:
      message.append(1)
      message.append(UInt8(truncatingIfNeeded: user.count))
      message.append(user.bytes)
      message.append(UInt8(truncatingIfNeeded: password.count))
      message.append(password.bytes)
    case .request:
      // CONNECT, to a name.
      message.append(5)
      message.append(1)
      message.append(0)
      message.append(3)
      message.append(UInt8(truncatingIfNeeded: target.count))
      message.append(target.bytes)
      message.append(UInt8(truncatingIfNeeded: portNumber &>> 8))
      message.append(UInt8(truncatingIfNeeded: portNumber))
    }
  }

  /// A byte of the stage's answer.
  mutating func answerSOCKS(_ byte: UInt8) throws(Failure) -> Bool {
    switch (stage, answerCount) {
    case (.greeting, 2):
      if byte == 0xFF { throw .proxyCredentials }
      guard byte == 0 || byte == 2 && user.count > 0 else { throw .proxyAnswer }
      enter(byte == 0 ? .request : .credentials)
    case (.credentials, 2):
      guard byte == 0 else { throw .proxyCredentials }
      enter(.request)
    case (.credentials, 1): guard byte == 1 else { throw .proxyAnswer }
    case (_, 1): guard byte == 5 else { throw .proxyAnswer }
    case (.request, 2): try judge(byte)
    case (.request, 3): break
    case (.request, 4):
      // The address that the proxy has taken, which is of no interest, and its port.
      guard byte == 1 || byte == 3 || byte == 4 else { throw .proxyAnswer }
      length = byte == 1 ? 10 : byte == 4 ? 22 : 0
    case (.request, 5) where length == 0: length = 7 &+ Int(byte)
    default: return answerCount == length
    }
    return false
  }

  /// What it says of the request (6).
  @inline(__always) private func judge(_ reply: UInt8) throws(Failure) {
    switch reply {
    case 0: return
    case 2: throw .proxyForbidden
    case 3...6: throw .proxyUnreachable
    default: throw .proxyRefused
    }
  }
}
