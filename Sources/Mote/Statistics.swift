/// What a client counts, laid out as mote.h's `mote_statistics`. Counters go round; times are in
/// milliseconds.
public struct Statistics {
  /// Of all of it; 0 until it is asked for.
  var size = 0
  /// Connections that the hub accepted.
  public var connects: UInt32 = 0
  /// Connections that ended in each step other than as asked: by the numbers of ``Step``.
  // (A literal, since the compiler clears it together with what is beside it.)
  public var failures: InlineArray<9, UInt32> = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  /// Messages that the hub has acknowledged.
  public var sent: UInt32 = 0
  /// Messages that left again, since a connection was lost before they were acknowledged.
  public var resent: UInt32 = 0
  /// Messages that were dropped.
  public var dropped: UInt32 = 0
  /// Cloud-to-device messages that came in full.
  public var received: UInt32 = 0
  /// Bytes of MQTT, before TLS adds its own.
  public var bytesSent: UInt64 = 0
  public var bytesReceived: UInt64 = 0
  /// The longest time from a connection's end, or from ``DeviceClient/connect(now:)``, to the next that was accepted.
  public var longestGap: UInt64 = 0
}
