import MoteMQTT

/// A packet that a client sends, taken apart by a parser that shares nothing with the one under test.
enum Sent: Equatable {
  case connect
  case publish(topic: String, payload: [UInt8], identifier: Int, duplicate: Bool, retain: Bool)
  case acknowledgement(Int)
  case subscribe(Int)
  case unsubscribe(Int)
  case ping
  case disconnect
  case other([UInt8])

  /// The packet identifier, when there is one.
  var identifier: Int? {
    switch self {
    case .publish(_, _, let identifier, _, _): identifier == 0 ? nil : identifier
    case .acknowledgement(let identifier), .subscribe(let identifier), .unsubscribe(let identifier): identifier
    default: nil
    }
  }

  /// The payload of a message.
  var payload: [UInt8]? {
    if case .publish(_, let payload, _, _, _) = self { payload } else { nil }
  }

  /// Whether it is a message with DUP.
  var isDuplicate: Bool {
    if case .publish(_, _, _, true, _) = self { true } else { false }
  }
}

/// The packets that `bytes` are, and what is left of one that is not whole.
func parse(_ bytes: [UInt8]) -> (packets: [Sent], rest: [UInt8]) {
  var packets: [Sent] = []
  var start = 0
  while true {
    var length = 0
    var place = start + 1
    var scale = 1
    while place < bytes.count {
      length += Int(bytes[place] % 128) * scale
      scale *= 128
      place += 1
      if bytes[place - 1] < 128 { break }
    }
    guard start + 1 < place, place <= bytes.count, bytes[place - 1] < 128, place + length <= bytes.count else { break }
    packets.append(packet(bytes[start], Array(bytes[place..<place + length])))
    start = place + length
  }
  return (packets, Array(bytes[start...]))
}

/// The packet with this first byte and body.
private func packet(_ first: UInt8, _ body: [UInt8]) -> Sent {
  func number(_ place: Int) -> Int { Int(body[place]) * 256 + Int(body[place + 1]) }
  switch first {
  case 0x10: return .connect
  case 0x30...0x3D where first & 4 == 0:
    let topic = String(decoding: body[2..<2 + number(0)], as: UTF8.self)
    var place = 2 + number(0)
    var identifier = 0
    if first & 2 != 0 {
      identifier = number(place)
      place += 2
    }
    return .publish(
      topic: topic, payload: Array(body[place...]), identifier: identifier, duplicate: first & 8 != 0,
      retain: first & 1 != 0)
  case 0x40 where body.count == 2: return .acknowledgement(number(0))
  case 0x82: return .subscribe(number(0))
  case 0xA2: return .unsubscribe(number(0))
  case 0xC0 where body.isEmpty: return .ping
  case 0xE0 where body.isEmpty: return .disconnect
  default: return .other([first] + body)
  }
}

/// What a server sends.
enum Server {
  static let pong: [UInt8] = [0xD0, 0x00]

  static func accepted(present: Bool = false) -> [UInt8] { [0x20, 2, present ? 1 : 0, 0] }
  static func acknowledgement(_ identifier: Int) -> [UInt8] { packet(0x40, number(identifier)) }
  static func unsubscribed(_ identifier: Int) -> [UInt8] { packet(0xB0, number(identifier)) }

  static func subscribed(_ identifier: Int, _ codes: [UInt8]) -> [UInt8] {
    packet(0x90, number(identifier) + codes)
  }

  /// A message; at quality of service 1 when it has an identifier.
  static func message(
    _ topic: String, _ payload: [UInt8] = [], identifier: Int? = nil, duplicate: Bool = false, retain: Bool = false
  ) -> [UInt8] {
    let flags: UInt8 = (duplicate ? 8 : 0) + (identifier != nil ? 2 : 0) + (retain ? 1 : 0)
    let topic = Array(topic.utf8)
    return packet(0x30 + flags, number(topic.count) + topic + (identifier.map(number) ?? []) + payload)
  }

  static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] { [first] + remainingLength(body.count) + body }

  /// The Remaining Length, by the algorithm of 2.2.3.
  static func remainingLength(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      let digit = UInt8(rest % 128)
      rest /= 128
      bytes.append(rest > 0 ? digit + 128 : digit)
    } while rest > 0
    return bytes
  }

  private static func number(_ value: Int) -> [UInt8] { [UInt8(value / 256), UInt8(value % 256)] }
}
