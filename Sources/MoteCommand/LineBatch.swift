import CMote
import Mote
import MoteBytes

/// Lines that wait to go to the hub together, over HTTPS, in as few requests as they fit into.
@safe final class LineBatch {
  private let most: Int
  private var lines: [Memory] = []
  /// How many of them are under way.
  private var underWay = 0
  // What a batch borrows, at addresses that stay.
  private let batch: UnsafeMutablePointer<mote_batch>
  private let messages: UnsafeMutablePointer<mote_batch_message>
  private let properties: UnsafeMutablePointer<mote_property>
  private let propertyCount: Int
  private var texts: [Memory] = []

  /// Up to `most` lines at a time, each with these properties.
  init(_ most: Int, _ list: MessageProperties) {
    self.most = most
    propertyCount = list.list.count
    // Sound: freed in deinit; who sends the batch holds this object.
    unsafe batch = .allocate(capacity: 1)
    unsafe messages = .allocate(capacity: most)
    unsafe properties = .allocate(capacity: propertyCount)
    unsafe batch.initialize(to: mote_batch())
    unsafe batch.pointee.size = MemoryLayout<mote_batch>.size
    unsafe batch.pointee.messages = UnsafePointer(messages)
    for (place, property) in list.list.enumerated() {
      let name = Memory(property.name)
      let value = Memory(property.value ?? [])
      texts += [name, value]
      unsafe (properties + place).initialize(
        to: mote_property(
          name: text(name), name_length: property.name.count, value: text(value), value_length: value.region.count))
    }
  }

  deinit {
    unsafe batch.deallocate()
    unsafe messages.deallocate()
    unsafe properties.deallocate()
  }

  private func text(_ memory: Memory) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(memory.region.pointer).assumingMemoryBound(to: CChar.self)
  }

  var isEmpty: Bool { lines.isEmpty }
  var isFull: Bool { lines.count == most }
  /// The first line that waits.
  var first: Region? { lines.first?.region }

  /// Adds a line, of which it keeps a copy.
  func append(_ line: Region) {
    let copy = Memory(count: line.count)
    copy.region.copy(line.bytes, to: 0)
    unsafe (messages + lines.count).initialize(
      to: mote_batch_message(
        payload: copy.region.pointer, payload_length: line.count, properties: properties, property_count: propertyCount)
    )
    lines.append(copy)
  }

  /// Sends as many of the lines as fit one request; those stay until ``acknowledge()``. The token and how many they are, or nil when
  /// there is only one, which needs no batch.
  func send(by client: inout DeviceClient) throws(Failure) -> (token: Int, count: Int)? {
    var count = lines.count
    while count > 1 {
      unsafe batch.pointee.message_count = count
      do throws(Failure) {
        let token = try unsafe client.send(batch)
        underWay = count
        return (token, count)
      } catch {
        if error.code != MOTE_ERROR_TOO_LARGE { throw error }
        count /= 2
      }
    }
    return nil
  }

  /// Says that the first line was sent alone.
  func sentFirst() { underWay = 1 }

  /// Lets those go that were under way. How many they are.
  func acknowledge() -> Int {
    defer { underWay = 0 }
    lines.removeFirst(underWay)
    for (place, line) in lines.enumerated() {
      unsafe messages[place].payload = UnsafePointer(line.region.pointer)
      unsafe messages[place].payload_length = line.region.count
    }
    return underWay
  }

  /// Forgets the lines that are not under way.
  func forgetRest() { lines.removeLast(lines.count - underWay) }
}
