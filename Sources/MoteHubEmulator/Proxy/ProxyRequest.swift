#if Tools

import Foundation
package import NIOHTTP1

/// What a request asks of a proxy: a tunnel (RFC 9110, 9.3.6).
package struct ProxyRequest: Equatable {
  /// A name or an address, in lower case, without brackets.
  package let host: String
  package let port: Int
  /// User and password with a colon between, of Basic credentials; nil without.
  package let credentials: String?

  /// Why there is no tunnel.
  package struct Refusal: Error, Equatable {
    package let status: HTTPResponseStatus
  }

  /// Reads a request's head, up to its empty line and without that. Whatever can be understood in two ways is refused.
  package init(head: some Collection<UInt8>) throws(Refusal) {
    let text = String(decoding: head, as: UTF8.self)
    let lines = text.components(separatedBy: "\r\n")
    guard lines.allSatisfy({ $0.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 } }) else {
      throw .malformed
    }
    let parts = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isToken(parts[0]), ["HTTP/1.1", "HTTP/1.0"].contains(parts[2]) else {
      throw .malformed
    }
    guard parts[0] == "CONNECT" else { throw Refusal(status: .methodNotAllowed) }
    var headers = HTTPHeaders()
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), Self.isToken(line[..<colon]) else { throw .malformed }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers.add(name: String(line[..<colon]), value: value)
    }
    // What follows is the tunnel's: a request with a body would be two things at once.
    guard headers["Host"].count == 1 || headers["Host"].isEmpty && parts[2] == "HTTP/1.0",
      !headers.contains(name: "Transfer-Encoding"), headers["Content-Length"].allSatisfy({ $0 == "0" })
    else { throw .malformed }
    guard let target = Self.target(parts[1]) else { throw .malformed }
    (host, port) = target
    credentials = Self.credentials(headers["Proxy-Authorization"])
  }

  /// `name:port` or `[address]:port`.
  private static func target(_ text: Substring) -> (String, Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0,
      text[text.index(after: colon)...].allSatisfy(\.isNumber)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("[") && host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    if host.isEmpty || host.contains(where: { "/@?#[]".contains($0) }) { return nil }
    return (host.lowercased(), Int(port))
  }

  private static func credentials(_ headers: [String]) -> String? {
    let words = headers.count == 1 ? headers[0].split(separator: " ") : []
    guard words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: String(words[1])) else {
      return nil
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Whether it can be the name of a method or of a header (RFC 9110, 5.6.2).
  private static func isToken(_ text: Substring) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0) }
  }
}

extension ProxyRequest.Refusal {
  static var malformed: Self { Self(status: .badRequest) }
}

#endif
