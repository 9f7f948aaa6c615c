// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CMote
import MoteBytes
import MoteHub

@c @implementation
public func mote_next_property(
  _ bag: UnsafePointer<UInt8>!, _ bagLength: Int, _ position: UnsafeMutablePointer<Int>!,
  _ buffer: UnsafeMutablePointer<UInt8>!, _ capacity: Int, _ property: UnsafeMutablePointer<mote_property>!
) -> Int32 {
  guard let bag = unsafe sharedRegion(bag, bagLength), let room = unsafe sharedRegion(buffer, capacity),
    let position = unsafe position, let property = unsafe property,
    unsafe position.pointee >= 0 && position.pointee <= bag.count
  else { return MOTE_ERROR_ARGUMENT }
  var reader = unsafe PropertyBag(bag, from: position.pointee)
  let result = reader.next(into: room)
  unsafe position.pointee = reader.position
  switch result {
  case .none: return 0
  case .malformed: return MOTE_ERROR_PROPERTY
  case .tooLarge: return MOTE_ERROR_BUFFER_TOO_SMALL
  case .property(let name, let value):
    // Sound: name and value were written into the caller's buffer, one after the other.
    unsafe room.pointer.withMemoryRebound(to: CChar.self, capacity: room.count) { text in
      let valueStart = unsafe value == nil ? nil : UnsafePointer(text + name)
      unsafe property.initialize(
        to: mote_property(name: text, name_length: name, value: valueStart, value_length: value ?? 0))
    }
    return 1
  }
}
