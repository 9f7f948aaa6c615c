// MoteJSON: JSON (RFC 8259), read in pieces and written into a bounded buffer. There is no tree: a document is a row of
// tokens, and no more of it is in memory than the text of one. Section numbers in comments are the RFC's.

public import MoteBytes

/// Which rule a document breaks, or a caller that writes one.
extension Failure {
  /// Something else stands where a value must begin.
  public static var jsonValue: Self { Self(-240) }
  /// Something else stands where a member's name must begin.
  public static var jsonName: Self { Self(-241) }
  /// No colon follows a member's name.
  public static var jsonColon: Self { Self(-242) }
  /// Neither a comma nor the end of what is open follows a value.
  public static var jsonComma: Self { Self(-243) }
  /// Something follows the document.
  public static var jsonTrailing: Self { Self(-244) }
  /// A literal that is not `true`, `false` or `null`.
  public static var jsonLiteral: Self { Self(-245) }
  /// A number that lacks a digit.
  public static var jsonNumber: Self { Self(-246) }
  /// A control character in a string that is not escaped.
  public static var jsonControl: Self { Self(-247) }
  /// An escape that does not exist, or lacks a digit.
  public static var jsonEscape: Self { Self(-248) }
  /// Half of a surrogate pair.
  public static var jsonSurrogate: Self { Self(-249) }
  /// Text that is not UTF-8.
  public static var jsonText: Self { Self(-250) }
  /// Nested deeper than the limit.
  public static var jsonDepth: Self { Self(-251) }
  /// The input ends within the document.
  public static var jsonCut: Self { Self(-252) }
  /// The token is no number, or only a part of one, or not an integer.
  public static var jsonKind: Self { Self(-253) }
  /// The number does not fit.
  public static var jsonRange: Self { Self(-254) }
  /// A value without a name, a name without a value, an end without a beginning, or the other way round.
  public static var jsonOrder: Self { Self(-255) }
}
