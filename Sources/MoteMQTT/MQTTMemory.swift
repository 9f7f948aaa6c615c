public import MoteBytes

/// Memory and limits of a session.
public struct MQTTMemory {
  public var receiving: Region
  public var outbox: Region
  /// Most packets in flight unacknowledged.
  public var window = 4
  /// 1 to 65,535.
  public var keepAliveSeconds = 240
  /// Patience for CONNACK and PINGRESP, in milliseconds.
  public var response: UInt32 = 30_000

  public init(receiving: Region, outbox: Region) {
    self.receiving = receiving
    self.outbox = outbox
  }

  /// The least that either buffer may be.
  public static var leastBuffer: Int { 128 }

  /// Whether a session can work with it.
  @inline(never) public var isValid: Bool {
    receiving.count >= MQTTMemory.leastBuffer && outbox.count >= MQTTMemory.leastBuffer && window > 0
      && keepAliveSeconds > 0 && keepAliveSeconds < 65_536
  }
}
