/// Why something failed: a `mote_status` of mote.h, below zero.
///
/// One type for all layers, so that an error passes through them as the number it is. Each layer names its own in an
/// extension. (Enumerations with gaps in their numbers would carry tables to convert them, in each layer.)
public struct Failure: Error, Equatable, Sendable {
  public let code: Int32

  @inlinable public init(_ code: Int32) { self.code = code }
}
