#if Tools

package import NIOHTTP1

/// Which request is whose.
package struct Router {
  /// What answers.
  package enum Responder {
    /// A request whose body is there.
    case whole((HTTPRequest) throws -> Answer)
    /// A request whose body comes yet: it says who reads that.
    case reading((HTTPRequest) throws -> any BodyReader)
  }

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
    /// All parts from here on.
    case rest(String)
  }

  private var routes: [Route] = []

  package init() {}

  /// Adds a route. A part of the pattern in braces stands for one part of the path that is not empty, or with `...` in them
  /// for all that come, with the slashes between, and is found in the request's `parameters`; all else is compared without
  /// regard to case, as the service does. The first that fits is taken.
  private mutating func add(_ method: HTTPMethod, _ pattern: String, _ access: Access, _ respond: Responder) {
    let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part -> Part in
      guard part.hasPrefix("{") else { return .text(part.lowercased()) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
    }
    routes.append(Route(method: method, pattern: parts, access: access, respond: respond))
  }

  /// Adds a route; see `add`.
  package mutating func on(
    _ method: HTTPMethod, _ pattern: String, _ access: Access = .service,
    _ respond: @escaping (HTTPRequest) throws -> Answer
  ) {
    add(method, pattern, access, .whole(respond))
  }

  /// The same for a request whose body is read as it comes, and is not limited here.
  package mutating func on(
    _ method: HTTPMethod, _ pattern: String, _ access: Access = .service,
    reading: @escaping (HTTPRequest) throws -> any BodyReader
  ) {
    add(method, pattern, access, .reading(reading))
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
    var parameters: [String: String] = [:], left = path[...]
    for part in pattern {
      guard let text = left.popFirst() else { return nil }
      switch part {
      case .text(let expected): if text.lowercased() != expected { return nil }
      case .parameter(let name):
        if text.isEmpty { return nil }
        parameters[name] = text
      case .rest(let name):
        parameters[name] = ([text] + left).joined(separator: "/")
        left = []
      }
    }
    return left.isEmpty ? parameters : nil
  }
}

#endif
