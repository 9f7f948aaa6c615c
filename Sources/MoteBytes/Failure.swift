/// Why something failed: a `mote_status` of mote.h, below zero.
///
/// One type for all layers, so that an error passes through them as the number it is. Each layer names its own in an
/// extension. (Enumerations with gaps in their numbers would carry tables to convert them, in each layer.)
public struct Failure: Error, Equatable, Sendable {
  // Above zero: ARM's and Thumb's short instructions load and compare what is.
  @usableFromInline let number: Int32

  @inlinable public init(_ code: Int32) { number = 0 &- code }

  @inlinable public var code: Int32 { 0 &- number }
}

/// Those of more than one layer.
extension Failure {
  /// MOTE_ERROR_ARGUMENT: something that cannot be.
  public static var argument: Self { Self(-1) }
  /// MOTE_ERROR_STATE: not possible now.
  public static var state: Self { Self(-5) }
  /// MOTE_ERROR_BUFFER_TOO_SMALL: what was to be written does not fit.
  public static var bufferTooSmall: Self { Self(-8) }
}
