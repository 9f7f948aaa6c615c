#if Tools

import Foundation
import NIOHTTP1

/// Storage, as far as a device needs it for its files (protocol.md 13): a blob in one request or in blocks, and to read it
/// again. Who has a token for a blob is let in, and nobody else.
package struct StorageAPI {
  /// Most bytes of a request, as the version of storage has them.
  static let largestBlob: Int64 = 256 << 20
  static let largestBlock: Int64 = 100 << 20
  /// 50,000 of the longest identifiers, with room.
  static let largestList: Int64 = 8 << 20

  let hub: Hub

  package init(_ hub: Hub) { self.hub = hub }

  package func addRoutes(to router: inout Router) {
    let path = "/\(Upload.container)/{blob...}"
    router.on(.PUT, path, .everybody, reading: put)
    router.on(.GET, path, .everybody, get)
  }

  /// What every answer has.
  static var headers: HTTPHeaders {
    ["x-ms-request-id": UUID().uuidString.lowercased(), "x-ms-version": BlobToken.version]
  }

  private func put(_ request: HTTPRequest) throws -> any BodyReader {
    let blob = try authorised(request, "w"), type = request.headers.first(name: "Content-Type")
    let device = DeviceAddress(device: Blob.device(of: blob))
    let status = hub.faults.take(device) { if case .refuseUpload(let status) = $0 { status } else { nil } }
    if let status { throw StorageError.fault(status: status) }
    let md5 = try request.headers.first(name: "Content-MD5").map { text throws -> [UInt8] in
      guard let hash = Data(base64Encoded: text), hash.count == 16 else {
        throw StorageError(400, "InvalidMd5", "The header Content-MD5 is not base64 of 16 bytes.")
      }
      return Array(hash)
    }
    func body(least: Int64 = 0, most: Int64, _ take: @escaping (Block) throws -> HTTPResponse) throws -> BlockBody {
      let length = try Self.length(of: request, most: most)
      if length < least {
        throw StorageError(400, "InvalidHeaderValue", "Content-Length: a block has a byte at least.")
      }
      let isCut = length > 0 && hub.faults.take(device, .closeMidUpload)
      return try BlockBody(hub, md5: md5, cutAfter: isCut ? length / 2 : nil, take)
    }
    switch request.query["comp"] {
    case nil:
      guard let kind = request.headers.first(name: "x-ms-blob-type") else {
        throw StorageError(400, "MissingRequiredHeader", "There is no header x-ms-blob-type.")
      }
      guard kind == "BlockBlob" else {
        throw StorageError(400, "InvalidHeaderValue", "x-ms-blob-type: there are block blobs only.")
      }
      let type = request.headers.first(name: "x-ms-blob-content-type") ?? type
      return try body(most: Self.largestBlob) { [hub] block in
        let blob = Blob(name: blob, length: block.length, contentType: type)
        try hub.store.put(blob, of: block)
        return Self.created(blob)
      }
    case "block":
      let id = try BlockList.checked(request.query["blockid"] ?? "")
      return try body(least: 1, most: Self.largestBlock) { [hub] block in
        var block = block
        block.id = id
        try hub.store.put(block, for: blob)
        return HTTPResponse(.created, headers: Self.headers)
      }
    case "blocklist":
      let type = request.headers.first(name: "x-ms-blob-content-type")
      return try body(most: Self.largestList) { [hub] block in
        defer { hub.store.files.remove([block.file]) }
        let list = try BlockList(xml: Array(hub.store.files.reader(of: block.file).readToEnd() ?? Data()))
        return Self.created(try hub.store.commit(Blob(name: blob, length: 0, contentType: type), of: list))
      }
    default: throw StorageError(400, "InvalidQueryParameterValue", "comp: it is none of block and blocklist.")
    }
  }

  private func get(_ request: HTTPRequest) throws -> Answer {
    let name = try authorised(request, "r")
    guard let blob = try hub.store.blob(name) else { throw StorageError.blobNotFound }
    var headers = Self.headers
    headers.add(name: "x-ms-blob-type", value: "BlockBlob")
    headers.add(name: "Content-Type", value: blob.contentType)
    headers.add(contentsOf: Self.state(of: blob))
    return try BlobDownload.answer(blob, from: hub, headers: headers)
  }

  /// The name of the blob that the path has, for which the query's token lets one do this.
  private func authorised(_ request: HTTPRequest, _ permission: Character) throws -> String {
    let blob = request.parameters["blob"] ?? ""
    let token = try BlobToken(request.query, blob: blob, key: hub.storageKey)
    guard token.permissions.contains(permission) else {
      throw StorageError.authenticationFailed("The token is not for this.")
    }
    if hub.hasEnded(token) { throw StorageError.authenticationFailed("The token has expired.") }
    return blob
  }

  private static func length(of request: HTTPRequest, most: Int64) throws -> Int64 {
    guard let length = request.headers.first(name: "Content-Length").flatMap({ Int64($0) }) else {
      throw StorageError(411, "MissingContentLengthHeader", "There is no header Content-Length.")
    }
    guard length <= most else {
      throw StorageError(413, "RequestBodyTooLarge", "The body has \(length) bytes; there may be \(most).")
    }
    return length
  }

  private static func created(_ blob: Blob) -> HTTPResponse {
    var headers = headers
    headers.add(contentsOf: state(of: blob))
    return HTTPResponse(.created, headers: headers)
  }

  private static func state(of blob: Blob) -> HTTPHeaders {
    ["ETag": "\"\(blob.etag)\"", "Last-Modified": HTTPDate.text(blob.lastModified)]
  }
}

#endif
