/// What an upload has to tell, or when to poll it again.
public struct UploadEvent {
  /// The numbers are those of mote_upload.h.
  public enum Kind: Int32, Sendable {
    case none
    /// A block is there.
    case progress
    /// Something failed, and is tried again at ``UploadEvent/deadline``.
    case retrying
    /// All of it is there, and the hub knows.
    case done
    /// It failed, for good.
    case failed
  }

  public var kind = Kind.none
  /// What it is about, or failed in.
  public var step = Upload.Step.idle
  /// Why it failed.
  public var status: Int32 = 0
  /// What the hub calls the reason, else HTTP's status and 000, else mbedTLS's code.
  public var code: Int32 = 0
  public var waitsToRead = false
  public var waitsToWrite = false
  public var deadline = UInt64.max
  /// How many bytes have been read of the file, but for those that were read in vain.
  public var offset: UInt64 = 0

  /// An event to be filled in.
  public init() {}
}
