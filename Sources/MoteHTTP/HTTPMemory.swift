public import MoteBytes

/// Memory of a connection, the caller's.
public struct HTTPMemory {
  /// Holds one line of a response's head, or a piece of its body. A longer header is skipped.
  public var receiving: Region
  /// Holds a request's head, then pieces of its body.
  public var sending: Region

  public init(receiving: Region, sending: Region) {
    self.receiving = receiving
    self.sending = sending
  }

  /// The least that either buffer may be.
  public static var leastBuffer: Int { 128 }

  /// Whether a connection can work with it.
  @inline(__always) public var isValid: Bool {
    receiving.count >= HTTPMemory.leastBuffer && sending.count >= HTTPMemory.leastBuffer
  }
}
