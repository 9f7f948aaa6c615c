#if Tools

package import NIOCore

/// Takes the body of a request as it comes, for a route that does not want it as a whole.
///
/// What it does with a piece is done when it returns, and no more is read before: however long a body is, it has as much
/// memory as is read at once. Used on the server's loop.
package protocol BodyReader: AnyObject {
  /// Takes the next bytes. What it throws is the answer, and the rest of the body is thrown away.
  func take(_ bytes: ByteBuffer) throws

  /// Answers, since the body is complete.
  func end() throws -> Answer

  /// The rest does not come, or is not wanted any more.
  func abandon()
}

/// Thrown by a reader of a body to end the connection without an answer.
struct ConnectionCut: Error {}

#endif
