#if Tools

import Foundation
import NIOCore
import NIOHTTP1

/// Writes a blob to who has asked for it, as fast as it is taken. The stream holds it until that is closed.
final class BlobDownload {
  private static let piece = 64 << 10
  /// How much is written before others have their turn.
  private static let turn = 16

  private let hub: Hub
  private let stream: HTTPStream
  private var files: ArraySlice<String>
  private var handle: FileHandle?
  private var isWaiting = false

  /// The blob as an answer.
  static func answer(_ blob: Blob, from hub: Hub, headers: HTTPHeaders) throws -> Answer {
    let files = try hub.store.files(of: blob.name)
    var headers = headers
    headers.add(name: "Content-Length", value: String(blob.length))
    return .stream(headers) { stream in BlobDownload(hub, stream, files).begin() }
  }

  private init(_ hub: Hub, _ stream: HTTPStream, _ files: [String]) {
    self.hub = hub
    self.stream = stream
    self.files = files[...]
  }

  private func begin() {
    stream.whenWritable = { self.write() }
    write()
  }

  private func write() {
    if isWaiting { return }
    do {
      for _ in 0..<Self.turn {
        guard stream.isWritable else { return }
        guard let bytes = try next() else { return stream.end() }
        stream.write(bytes)
      }
    } catch {
      // Another blob has taken the place of this one. What has come is too short, which its reader sees.
      return stream.end()
    }
    isWaiting = true
    hub.eventLoop.assumeIsolated().execute {
      self.isWaiting = false
      self.write()
    }
  }

  /// The next bytes; nil at the end.
  private func next() throws -> [UInt8]? {
    while true {
      if let bytes = try handle?.read(upToCount: Self.piece), !bytes.isEmpty { return Array(bytes) }
      guard let file = files.popFirst() else { return nil }
      handle = try hub.store.files.reader(of: file)
    }
  }
}

#endif
