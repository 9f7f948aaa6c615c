// MoteMQTT: a client's half of MQTT 3.1.1 (OASIS, 29 October 2014) at quality of service 0 and 1, as bytes in
// and bytes out. `Session` is the whole of it; section numbers in comments are the specification's.

public import MoteBytes

/// Which rule the peer broke, how it refused, or why a request cannot be met.
extension Failure {
  /// MOTE_ERROR_ARGUMENT: memory that is too small, or limits that cannot be.
  public static var tooSmall: Self { Self(-1) }
  public static var timedOut: Self { Self(-26) }

  public static var remainingLength: Self { Self(-100) }
  public static var packetType: Self { Self(-101) }
  public static var flags: Self { Self(-102) }
  public static var qualityOfService: Self { Self(-103) }
  public static var qualityOfService2: Self { Self(-104) }
  public static var duplicateFlag: Self { Self(-105) }
  public static var length: Self { Self(-106) }
  public static var stringLength: Self { Self(-107) }
  public static var topic: Self { Self(-108) }
  public static var packetIdentifier: Self { Self(-109) }
  public static var connackExpected: Self { Self(-110) }
  public static var connackUnexpected: Self { Self(-111) }
  public static var connackFlags: Self { Self(-112) }
  public static var connackCode: Self { Self(-113) }
  public static var sessionPresent: Self { Self(-114) }
  public static var subackCode: Self { Self(-115) }
  public static var subackCount: Self { Self(-116) }
  public static var keepAlive: Self { Self(-117) }
  public static var acknowledgement: Self { Self(-118) }

  public static var refusedProtocol: Self { Self(-130) }
  public static var refusedIdentifier: Self { Self(-131) }
  public static var refusedUnavailable: Self { Self(-132) }
  public static var refusedCredentials: Self { Self(-133) }
  public static var refusedAuthorisation: Self { Self(-134) }

  public static var outboxFull: Self { Self(-150) }
  public static var tooLarge: Self { Self(-151) }
  public static var invalidTopic: Self { Self(-152) }
  public static var identifiers: Self { Self(-153) }
  public static var sourceBusy: Self { Self(-154) }
  public static var dropped: Self { Self(-157) }
  public static var expired: Self { Self(-158) }
}
