// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote
import MoteBytes

@c @implementation
public func mote_version() -> UInt32 { MOTE_VERSION }

@c @implementation
public func mote_status_text(_ status: mote_status) -> UnsafePointer<CChar>! {
  // Sound: a literal lives as long as the program, and ends with a NUL.
  unsafe UnsafeRawPointer(statusText(status).utf8Start).assumingMemoryBound(to: CChar.self)
}

extension Failure {
  /// What C is told. Apart from where something fails, so that the number is loaded there as it is.
  @inline(never) var status: mote_status { code }
}
