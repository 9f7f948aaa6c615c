public import MoteBytes

/// What an outbox does that has no room for one more packet. The numbers are those of mote.h.
public enum WhenFull: Int32, Sendable {
  /// It refuses the packet.
  case refuses
  /// The oldest messages that have not begun to leave make way.
  case dropsOldest
  /// The newest messages do.
  case dropsNewest
}

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
  public var whenFull = WhenFull.refuses

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
