#if Tools

import Foundation
package import NIOHTTP1

/// A request; its body is there unless it is read as it comes.
package struct HTTPRequest: Sendable {
  package var method: HTTPMethod
  /// The path's parts between slashes, percent-decoded: an encoded slash is a character of its part.
  package var path: [String]
  /// The parameters after the question mark, decoded; of several with one name the last.
  package var query: [String: String]
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// What the client has shown in the handshake of TLS.
  package var certificate: DeviceCertificate?
  /// The port of the hub that it came to.
  package var port: Int?
  /// What stood in place of the names in a route's pattern.
  package var parameters: [String: String] = [:]

  package init(
    method: HTTPMethod, path: [String], query: [String: String] = [:], headers: HTTPHeaders = [:], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// Nil when the target is no path, or has an escape that is none.
  init?(_ head: HTTPRequestHead) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first, path.hasPrefix("/") else { return nil }
    var segments: [String] = []
    for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let text = segment.removingPercentEncoding else { return nil }
      segments.append(text)
    }
    var query: [String: String] = [:]
    for item in parts.dropFirst().first?.split(separator: "&") ?? [] {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = pair[0].removingPercentEncoding,
        let value = (pair.count > 1 ? pair[1] : "").removingPercentEncoding
      else { return nil }
      query[name] = value
    }
    self.init(method: head.method, path: segments, query: query, headers: head.headers)
  }

  /// The ETag of `If-Match` without quotation marks, and nil without the header.
  package var ifMatch: String? {
    headers.first(name: "If-Match").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")) }
  }

  /// The body as JSON. Throws the service's refusal when it is none.
  package func json() throws(HubError) -> JSON {
    do throws(JSONError) {
      return try JSON.parse(body)
    } catch {
      throw .formatError("The body is no JSON: \(error.message), at byte \(error.offset).")
    }
  }
}

#endif
