public import MoteBytes

/// How a server breaks the protocol of RFC 6455, or refuses to speak it: MOTE_ERROR_WEBSOCKET_* of mote.h.
extension Failure {
  /// The server's answer has a status other than 101 (4.1): ``WebSocket/status``.
  public static var webSocketRefused: Self { Self(-300) }
  /// What came is no answer of HTTP/1.1, or has no end.
  public static var webSocketAnswer: Self { Self(-301) }
  /// The answer does not accept what was asked for: upgrade, key, protocol or extensions (4.1).
  public static var webSocketAccept: Self { Self(-302) }
  /// A reserved bit, an unknown opcode, or a fragment out of its message (5.2, 5.4).
  public static var webSocketFrame: Self { Self(-303) }
  /// A frame from the server is masked (5.1).
  public static var webSocketMasked: Self { Self(-304) }
  /// A frame of text (5.6), where the protocol is one of bytes.
  public static var webSocketText: Self { Self(-305) }
  /// A length that has a shorter form, or is beyond 2³¹ (5.2).
  public static var webSocketLength: Self { Self(-306) }
  /// A control frame that is fragmented, or longer than 125 bytes (5.5).
  public static var webSocketControl: Self { Self(-307) }
}
