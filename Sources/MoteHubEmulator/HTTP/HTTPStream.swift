#if Tools

import NIOCore
import NIOHTTP1

/// The body of a response without an end. Belongs to the server's loop.
package final class HTTPStream {
  private let channel: any Channel
  private(set) var isEnded = false

  /// Called when the reader has taken so much that `isWritable` is true again.
  package var whenWritable: () -> Void = {}
  /// Called once, when the reader is gone or the stream was ended.
  package var whenClosed: () -> Void = {}

  init(channel: any Channel) { self.channel = channel }

  /// Whether the reader keeps up. What is written when it does not is kept in memory: write nothing then.
  package var isWritable: Bool { !isEnded && channel.isWritable }

  package func write(_ bytes: [UInt8]) {
    guard !isEnded else { return }
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
  }

  /// Ends the response.
  package func end() {
    guard !isEnded else { return }
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { [channel] _ in channel.close(promise: nil) }
    closed()
  }

  func closed() {
    guard !isEnded else { return }
    isEnded = true
    whenClosed()
    whenClosed = {}
    whenWritable = {}
  }
}

#endif
