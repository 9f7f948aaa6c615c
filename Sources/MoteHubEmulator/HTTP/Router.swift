#if Tools

package import NIOHTTP1

/// Which request is whose.
package struct Router {
  package typealias Responder = (HTTPRequest) throws -> Answer

  /// Who may ask.
  package enum Access {
    /// Everybody: what tells nothing and changes nothing, or looks itself.
    case everybody
    /// Who has the key of the service's policy.
    case service
  }

  /// What is to be done for a request.
  struct Match {
    let access: Access
    let respond: Responder
    let parameters: [String: String]
  }

  private struct Route {
    let method: HTTPMethod
    let pattern: [Part]
    let access: Access
    let respond: Responder
  }

  private enum Part {
    case text(String)
    case parameter(String)
  }

  private var routes: [Route] = []

  package init() {}

  /// Adds a route. A part of the pattern in braces stands for one part of the path that is not empty, and is found in the
  /// request's `parameters`; all else is compared without regard to case, as the service does. The first that fits is taken.
  package mutating func on(
    _ method: HTTPMethod, _ pattern: String, _ access: Access = .service, _ respond: @escaping Responder
  ) {
    let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{") ? Part.parameter(String(part.dropFirst().dropLast())) : .text(part.lowercased())
    }
    routes.append(Route(method: method, pattern: parts, access: access, respond: respond))
  }

  /// The same for a response that is there at once.
  package mutating func on(
    _ method: HTTPMethod, _ pattern: String, _ access: Access = .service,
    _ respond: @escaping (HTTPRequest) throws -> HTTPResponse
  ) {
    on(method, pattern, access) { Answer.response(try respond($0)) }
  }

  /// The route of a request; throws 404 when nothing has its path, and 405 when something has it with another method.
  func match(_ request: HTTPRequest) throws(HubError) -> Match {
    var isKnown = false
    for route in routes {
      guard let parameters = Self.parameters(of: request.path, in: route.pattern) else { continue }
      if route.method == request.method || (request.method == .HEAD && route.method == .GET) {
        return Match(access: route.access, respond: route.respond, parameters: parameters)
      }
      isKnown = true
    }
    if isKnown { throw HubError(405, 405_103, "OperationNotAllowed", "\(request.method) is not for this path.") }
    throw HubError(404, 404_000, "NotFound", "Nothing is here.")
  }

  private static func parameters(of path: [String], in pattern: [Part]) -> [String: String]? {
    guard path.count == pattern.count else { return nil }
    var parameters: [String: String] = [:]
    for (text, part) in zip(path, pattern) {
      switch part {
      case .text(let expected): if text.lowercased() != expected { return nil }
      case .parameter(let name):
        if text.isEmpty { return nil }
        parameters[name] = text
      }
    }
    return parameters
  }
}

#endif
