#if Tools

package import NIOCore

/// How much of the hub one client may have.
package struct HTTPLimits: Sendable {
  /// Most bytes of a request's target and headers.
  package var headers = 64 * 1024
  /// Most bytes of a request's body that is kept until it is complete.
  package var body = 1024 * 1024
  /// Most bytes of bodies that are on their way, of all connections together. More closes the connection that has been at its
  /// own longest.
  package var bodies = 32 * 1024 * 1024
  /// How long a connection may be silent before a request's head is complete, TLS included, and how long its body may take;
  /// of a body that is read as it comes, how long each `piece` bytes may take.
  package var request = TimeAmount.seconds(60)
  package var piece = 64 * 1024
  /// How long a client may leave what it is sent untaken.
  package var response = TimeAmount.seconds(30)
  /// Most connections. One more closes that that waits for its client longest.
  package var connections = 1_000

  package init() {}
}

#endif
