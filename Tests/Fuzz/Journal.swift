import CMote
import MoteBytes
import MoteMQTT

/// A journal's pages: any bytes are refused for a reason of mote.h, or give the messages that another reader of the format
/// finds there, and none besides. What was stored from erased pages on comes back, also after the power was cut.
///
/// | bytes | what |
/// | --- | --- |
/// | 0 | unit, as a power of two, below 7; bit 6: the journal is one of a name; bit 7: a full outbox drops its oldest |
/// | 1–2 | page size; 0: 65,536 |
/// | 3 | page count |
/// | 4–5 | how much larger than the least the outbox is |
/// | 6 | how many pages are given |
///
/// Each of these is how many bytes (two bytes) and they; the rest of it is erased. A checksum of 0 stands for the right one,
/// of a record beyond its page's end for that of what is inside.
/// What follows is done one after the other:
///
/// | byte | what | bytes that follow |
/// | --- | --- | --- |
/// | 0 | store | payload's length, seconds until it expires |
/// | 1 | connect, and let everything leave | |
/// | 2 | the server acknowledges | which |
/// | 3 | the connection is lost | |
/// | 4 | drop | which |
/// | 5 | time passes | seconds |
/// | 6 | start again | |
/// | 7 | the power is cut, until the device starts again | after how many bytes (two) |
/// | 8 | a byte becomes another while the device is off | where (two), which |
func fuzz(_ input: inout Input) {
  let head = input.byte()
  let size = input.number16()
  let geometry = Pages.Geometry(
    pageSize: size == 0 ? 65_536 : size, pageCount: Int(input.byte()), unit: 1 << (Int(head & 0x3F) % 7),
    name: head & 0x40 != 0 ? Array("device".utf8) : [])
  // Few pages of the largest size, for there is much to look through.
  if geometry.size > 1 << 14 && geometry.size != 3 << 16 { return }
  let capacity = MQTTMemory.leastBuffer + input.number16() % 2_048
  var bytes = [UInt8](repeating: 0xFF, count: geometry.size)
  let given = min(Int(input.byte()), geometry.pageCount)
  for page in 0..<given {
    let contents = input.take(input.number16() % (geometry.pageSize + 1))
    bytes.replaceSubrange(page * geometry.pageSize..<page * geometry.pageSize + contents.count, with: contents)
  }
  let isPossible =
    geometry.pageSize % 32 == 0 && (2...15).contains(geometry.pageCount) && geometry.unit <= 32
  let pages = Pages(geometry, isPossible ? PagesReader(geometry, bytes).sealed() : bytes)
  guard
    let model = JournalModel(
      pages, capacity: capacity, whenFull: head & 0x80 != 0 ? .dropsOldest : .refuses,
      isErased: given == 0)
  else {
    demand(!isPossible, "refused \(geometry)")
    return
  }
  demand(isPossible, "accepted \(geometry)")
  while !input.isEmpty { step(model, &input) }
  model.restart()
}

private func step(_ model: JournalModel, _ input: inout Input) {
  switch input.number(below: 9) {
  case 0:
    let length = Int(input.byte())
    model.store(length, seconds: Int(input.byte()))
  case 1: model.leave()
  case 2: model.acknowledge(Int(input.byte()))
  case 3: model.device.lose()
  case 4: model.drop(Int(input.byte()))
  case 5: model.wait(Int(input.byte()))
  case 6: model.restart()
  case 7: model.pages.budget = min(model.pages.budget, input.number16())
  default:
    let place = input.number16()
    model.damage(place, input.byte())
  }
}
