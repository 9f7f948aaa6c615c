#if Tools

import Foundation
import NIOCore
import NIOFoundationCompat

/// The body of a request to storage. It goes to a file as it comes, which is nobody's until all of it is there.
final class BlockBody: BodyReader {
  private let hub: Hub
  private let cutAfter: Int64?
  private let md5: (expected: [UInt8], hash: MD5)?
  private let take: (Block) throws -> HTTPResponse
  private let name: String
  private let handle: FileHandle
  private var count: Int64 = 0

  /// `md5` is what the client says that the body's is; `cutAfter` is after how many bytes the fault `closeMidUpload` ends the
  /// connection. What `take` does not keep, it throws for: the file is removed then.
  init(_ hub: Hub, md5: [UInt8]?, cutAfter: Int64?, _ take: @escaping (Block) throws -> HTTPResponse) throws {
    self.hub = hub
    self.cutAfter = cutAfter
    self.md5 = md5.map { ($0, MD5()) }
    self.take = take
    (name, handle) = try hub.store.files.make()
  }

  func take(_ bytes: ByteBuffer) throws {
    count += Int64(bytes.readableBytes)
    if let cutAfter, count > cutAfter { throw ConnectionCut() }
    md5?.hash.take(bytes)
    try handle.write(contentsOf: bytes.readableBytesView)
  }

  func end() throws -> Answer {
    do {
      try handle.close()
      if let md5, md5.hash.end() != md5.expected {
        throw StorageError(400, "Md5Mismatch", "The body has another MD5 than the header Content-MD5.")
      }
      return .response(try take(Block(file: name, length: count)))
    } catch {
      abandon()
      throw error
    }
  }

  func abandon() { hub.store.files.remove([name]) }
}

#endif
