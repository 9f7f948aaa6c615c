#if Tools

import Foundation
import MoteHubEmulator
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Asks a hub over its service API. Each request has a connection of its own, over TLS verified with the hub's CA.
struct ServiceClient {
  private let service: ServiceConnectionString
  private let authorityFile: String

  init(_ service: ServiceConnectionString, authorityFile: String) {
    self.service = service
    self.authorityFile = authorityFile
  }

  /// A part of a path, percent-encoded.
  static func part(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "-._~").union(.asciiAlphanumerics))
      ?? ""
  }

  /// What the hub answers, when it does as it was asked; its refusal else is an explanation. `patience` is in seconds.
  @discardableResult
  func ask(
    _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, ifMatch: String? = nil, patience: Int64 = 30
  ) async throws -> JSON {
    var bytes: [UInt8] = []
    let status = try await exchange(method, path, body, ifMatch: ifMatch, patience: .seconds(patience)) { bytes += $1 }
    let answer = bytes.isEmpty ? JSON.null : try? JSON.parse(bytes)
    guard let answer else { throw Explanation(.protocolError, "The hub's answer is no JSON.") }
    try Self.check(status, answer)
    return answer
  }

  /// Gives each of the hub's events to `take`, until that says false.
  func events(device: String?, module: String?, _ take: (JSON) throws -> Bool) async throws {
    var query = device.map { "?device=\(Self.part($0))" } ?? ""
    if let module { query += "&module=\(Self.part(module))" }
    var line: [UInt8] = [], refusal: [UInt8] = []
    let status = try await exchange(.GET, "/emulator/events" + query, nil, ifMatch: nil, patience: nil) { _, bytes in
      refusal += bytes.prefix(max(0, 4_096 - refusal.count))
      for byte in bytes {
        guard byte == UInt8(ascii: "\n") else {
          line.append(byte)
          continue
        }
        if line.starts(with: "data: ".utf8), try !take(JSON.parse(line.dropFirst(6))) { throw Ended() }
        line = []
      }
    }
    guard let status else { return }
    try Self.check(status, (try? JSON.parse(refusal)) ?? .null)
    throw Explanation(.temporary, "The hub has closed the connection.")
  }

  /// Gives what is at a path to `take`, as it comes.
  func download(_ path: String, _ take: ([UInt8]) throws -> Void) async throws {
    var refusal: [UInt8] = []
    let status = try await exchange(.GET, path, nil, ifMatch: nil, patience: nil) { status, bytes in
      if status == .ok { try take(bytes) } else { refusal += bytes.prefix(max(0, 4_096 - refusal.count)) }
    }
    try Self.check(status, (try? JSON.parse(refusal)) ?? .null)
  }

  /// Thrown by who takes an answer, and needs no more of it.
  private struct Ended: Error {}

  private static func check(_ status: HTTPResponseStatus?, _ answer: JSON) throws {
    guard let status, status.code >= 300 else { return }
    let words = answer["message"]?.string ?? "status \(status.code)"
    throw Explanation(status.code == 429 || status.code >= 500 ? .temporary : .refused, words)
  }

  /// Sends a request, and gives what comes as its answer to `take`. Returns the status, nil when `take` wanted no more.
  private func exchange(
    _ method: HTTPMethod, _ path: String, _ body: JSON?, ifMatch: String?, patience: TimeAmount?,
    _ take: (HTTPResponseStatus, [UInt8]) throws -> Void
  ) async throws -> HTTPResponseStatus? {
    let channel = try await connect()
    let timer = patience.map { patience in
      channel.channel.eventLoop.scheduleTask(in: patience) { channel.channel.close(promise: nil) }
    }
    defer { timer?.cancel() }
    do {
      return try await channel.executeThenClose { inbound, outbound in
        let bytes = body?.serialised ?? []
        try await outbound.write(.head(head(method, path, length: bytes.count, ifMatch)))
        if !bytes.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
        try await outbound.write(.end(nil))
        var status = HTTPResponseStatus.ok
        for try await part in inbound {
          switch part {
          case .head(let head): status = head.status
          case .body(let bytes): try take(status, Array(bytes.readableBytesView))
          case .end: return status
          }
        }
        throw Explanation(.temporary, "The hub has closed the connection before it answered.")
      }
    } catch is Ended {
      return nil
    } catch let error as Explanation {
      throw error
    } catch let error where error is NIOSSLError || error is BoringSSLError {
      throw Explanation(
        .protocolError,
        "\(service.host):\(service.port) does not prove itself with the CA in \(authorityFile), or does not speak TLS.")
    } catch let error as JSONError {
      throw Explanation(.protocolError, "The hub has sent what is no JSON: \(error.message).")
    } catch HTTPParserError.invalidEOFState {
      throw Explanation(.temporary, "The hub has closed the connection.")
    } catch {
      throw Explanation(.temporary, "The connection to the hub was lost: \(error).")
    }
  }

  private func head(_ method: HTTPMethod, _ path: String, length: Int, _ ifMatch: String?) throws -> HTTPRequestHead {
    let token = SharedAccessSignature.token(
      for: service.host, key: service.key, expiry: .now + 3_600, policy: service.policy)
    guard let token else { throw Explanation(.data, "The connection string's key is unusable.") }
    let host = service.host.contains(":") ? "[\(service.host)]" : service.host
    var headers: HTTPHeaders = [
      "Host": "\(host):\(service.port)", "Authorization": token, "Content-Length": String(length),
      "Connection": "close",
    ]
    if length > 0 { headers.add(name: "Content-Type", value: "application/json; charset=utf-8") }
    if let ifMatch { headers.add(name: "If-Match", value: ifMatch == "*" ? "*" : "\"\(ifMatch)\"") }
    return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
  }

  private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

  private func connect() async throws -> Channel {
    let authority = try authority(), host = service.host
    let context = try NIOSSLContext(configuration: .makeClientConfiguration())
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    do {
      return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connectTimeout(.seconds(10))
        .connect(host: host, port: service.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            // NIOSSL's own verification takes no authority that is constrained to addresses, as the hub's is: mbedTLS does.
            let tls = try NIOSSLClientHandler(
              context: context, serverHostname: isAddress ? nil : host,
              customVerificationCallback: { chain, promise in
                let shown = ServerCertificate(chain.compactMap { try? $0.toDERBytes() })
                let isGood = (try? shown.verify(as: host, with: [authority])) != nil
                promise.succeed(isGood ? .certificateVerified : .failed)
              })
            try channel.pipeline.syncOperations.addHandler(tls)
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            return try Channel(wrappingChannelSynchronously: channel)
          }
        }
    } catch {
      throw Explanation(
        .unreachable, "No hub answers at \(host):\(service.port). Is it running? Start one with: mote-hub serve")
    }
  }

  private func authority() throws -> Certificate {
    guard let text = try? String(contentsOfFile: authorityFile, encoding: .utf8) else {
      throw Explanation(
        .input, "The hub's CA certificate cannot be read from \(authorityFile); name it with --ca-file.")
    }
    return Certificate(pem: text)
  }
}

extension CharacterSet {
  fileprivate static let asciiAlphanumerics = CharacterSet(charactersIn: "0"..."9")
    .union(.init(charactersIn: "A"..."Z")).union(.init(charactersIn: "a"..."z"))
}

#endif
