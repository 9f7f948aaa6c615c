// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import Mote

@c @implementation
public func mote_version() -> UInt32 { MOTE_VERSION }

@c @implementation
public func mote_status_text(_ status: mote_status) -> UnsafePointer<CChar>! {
  // Sound: a literal lives as long as the program, and ends with a NUL.
  unsafe UnsafeRawPointer(statusText(status).utf8Start).assumingMemoryBound(to: CChar.self)
}
