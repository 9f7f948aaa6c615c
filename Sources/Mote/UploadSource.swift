public import CMote
import MoteBytes

/// A C function that gives the bytes of a file, as mote_upload.h says.
@safe public struct UploadSource {
  private let read: mote_upload_read
  private let context: UnsafeMutableRawPointer?

  /// Borrows `context`. Unsafe, because the compiler cannot see what the function does with it.
  @unsafe public init(_ read: mote_upload_read, context: UnsafeMutableRawPointer?) {
    unsafe self.read = read
    unsafe self.context = context
  }

  /// Reads into `room`: how many bytes, 0 for none now, below zero at the end or when they are gone.
  func read(at offset: UInt64, into room: Region) -> Int32 {
    // Sound: the function uses the room within the call, with its length.
    unsafe read(context, offset, room.pointer, room.count)
  }
}
