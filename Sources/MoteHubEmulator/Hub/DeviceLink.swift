#if Tools

/// The connection of an identity, whatever protocol it speaks: what the hub has to say to a device goes through here.
package protocol DeviceLink: AnyObject {
  var address: DeviceAddress { get }
  /// What events call the protocol: `mqtt`.
  var protocolName: String { get }
  /// Whether the device has said that it takes this method.
  func takesMethod(_ name: String) -> Bool
  /// Hands a call over. The answer comes to `Hub.answer`.
  func invoke(_ call: MethodCall)
  /// Messages wait: they are taken with `Hub.takeMessages` when the device wants them.
  func messagesWait()
  /// The cloud has changed desired properties.
  func desiredChanged(_ notification: JSON, version: Int64)
  /// Ends the connection, if it authenticates with a token; that token is not taken again.
  func expireToken()
  /// Ends the connection. `Hub.detach` follows.
  func close(_ reason: String)
}

/// A direct method on its way to a device.
package struct MethodCall: Sendable {
  package var name: String
  package var requestId: String
  package var payload: JSON?
}

/// What a device says to a call: a status of its own choice.
package struct MethodAnswer: Sendable, Hashable {
  package var status: Int
  package var payload: JSON?
}

#endif
