#if Tools

package import Foundation
package import NIOCore
package import NIOHTTP1

/// What a route answers.
package enum Answer {
  case response(HTTPResponse)
  /// One that comes later, on the loop of the server.
  case later(EventLoopFuture<HTTPResponse>)
  /// One without an end: after its head, `begin` gets the stream to write to, on the loop.
  case stream(HTTPHeaders, begin: (HTTPStream) -> Void)
}

/// An error that is an answer.
protocol HTTPRefusal: Error {
  var response: HTTPResponse { get }
}

extension HubError: HTTPRefusal {
  var response: HTTPResponse { .error(self) }
}

/// A response that is there as a whole.
package struct HTTPResponse: Sendable {
  package var status: HTTPResponseStatus
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A JSON value, with an ETag when there is one.
  package static func json(_ value: JSON, status: HTTPResponseStatus = .ok, etag: String? = nil) -> HTTPResponse {
    var headers: HTTPHeaders = ["Content-Type": "application/json; charset=utf-8"]
    if let etag { headers.add(name: "ETag", value: "\"\(etag)\"") }
    return HTTPResponse(status, headers: headers, body: value.serialised)
  }

  /// A refusal, in both forms that the service has for it (protocol.md 12.7).
  package static func error(_ error: HubError, now: Date = .now) -> HTTPResponse {
    let tracking = UUID().uuidString.replacingOccurrences(of: "-", with: ""), time = Timestamp.text(now)
    var response = json(
      [
        "errorCode": .integer(Int64(error.code)), "trackingId": .string(tracking), "message": .string(error.message),
        "timestampUtc": .string(time), "Message": .string("ErrorCode:\(error.name);\(error.message)"),
        "ExceptionMessage": .string("Tracking ID:\(tracking)-TimeStamp:\(time)"),
      ],
      status: HTTPResponseStatus(statusCode: error.status))
    response.headers.add(name: "iothub-errorcode", value: error.name)
    if error.status == 401 { response.headers.add(name: "WWW-Authenticate", value: "SharedAccessSignature") }
    return response
  }
}

#endif
