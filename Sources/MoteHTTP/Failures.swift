// MoteHTTP: a client's half of HTTP/1.1 (RFC 9112), as bytes in and bytes out. `HTTPConnection` is the whole of it; section
// numbers in comments are that document's.

public import MoteBytes

/// Which rule the server broke, or why a request cannot be made.
extension Failure {
  /// MOTE_ERROR_CLOSED: the server closed before it answered.
  public static var httpClosed: Self { Self(-25) }

  public static var httpStatusLine: Self { Self(-270) }
  public static var httpLine: Self { Self(-271) }
  public static var httpHeader: Self { Self(-272) }
  public static var httpFolding: Self { Self(-273) }
  public static var httpLength: Self { Self(-274) }
  public static var httpEncoding: Self { Self(-275) }
  public static var httpChunk: Self { Self(-276) }
  public static var httpLimit: Self { Self(-277) }
  public static var httpCut: Self { Self(-278) }
  public static var httpUnexpected: Self { Self(-279) }

  public static var httpField: Self { Self(-280) }
  public static var httpTooLarge: Self { Self(-151) }
}
