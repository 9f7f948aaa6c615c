import MoteBytes
import MoteTestSupport

/// What `write` appends with `capacity` bytes of room, or nil when it does not fit; and how long all of it is.
func written(capacity: Int = 256, _ write: (inout Writer) -> Void) -> (bytes: [UInt8]?, count: Int) {
  let memory = Memory(capacity)
  var writer = Writer(memory.region)
  write(&writer)
  return (writer.fits ? memory.prefix(writer.count) : nil, writer.count)
}

/// The text of what `write` appends.
func text(_ write: (inout Writer) -> Void) -> String {
  String(decoding: written(write).bytes ?? [], as: UTF8.self)
}
