import MoteBytes
import MoteHTTP
import MoteHub
import MoteMQTT
import MoteTLS

/// The session's side: MQTT's packets, as the hub would take them and answer.
extension HTTPS {
  /// Takes what the session sends: how many bytes, 0 for none before the port can send, ``TLS/held`` for none now, or a status. The
  /// session offers its packets whole, but for payloads.
  mutating func take(_ bytes: Region) -> Int32 {
    do throws(Failure) {
      if payloadLeft > 0 { return try pass(bytes) }
      // The Remaining Length (2.2.3); the session writes it well.
      var place = 1
      var length = 0
      while place < bytes.count && place < 5 {
        let byte = Int(bytes[place])
        length |= (byte & 0x7F) &<< (7 &* (place &- 1))
        place &+= 1
        if byte < 0x80 { break }
      }
      let kind = bytes[0] &>> 4
      if kind == 3 { return try post(bytes, body: place, length: length) }
      guard bytes.count >= place &+ length else { throw .state }
      let packet = bytes.part(place, length)
      switch kind {
      case 1:
        try takeToken(packet)
        try answer(0x20, 0, 0)
      case 8:
        isSubscribed = true
        try answer(0x90, packet)
      case 4: settlement = wanted
      case 12: try answer(0xD0, packet)
      default: hasLeft = true
      }
      return Int32(truncatingIfNeeded: place &+ length)
    } catch {
      return error.code
    }
  }

  /// Keeps the password of CONNECT (3.1): its last field, when there is one.
  private mutating func takeToken(_ packet: Region) throws(Failure) {
    // Name, level, flags, keep-alive; then fields.
    let flags = ConnectFlags(rawValue: packet[7])
    guard flags.contains(.password) else { return }
    var end = 10
    var start = 10
    while end &+ 2 <= packet.count {
      start = end &+ 2
      end = start &+ packet.number16(at: end)
    }
    tokenCount = min(end &- start, memory.sending.count)
    memory.sending.copy(packet.part(start, tokenCount).bytes, to: memory.sending.count &- tokenCount)
    let rest = HTTPMemory(
      receiving: memory.receiving, sending: memory.sending.part(0, memory.sending.count &- tokenCount))
    guard rest.isValid else { throw .tooLarge }
    http = HTTPConnection(rest)
  }

  @inline(never) private mutating func append(_ byte: UInt8) throws(Failure) {
    guard replyCount < reply.count else { throw .state }
    reply[replyCount] = byte
    replyCount &+= 1
  }

  /// Answers with two bytes.
  mutating func answer(_ first: UInt8, _ second: UInt8, _ third: UInt8) throws(Failure) {
    try append(first)
    try append(2)
    try append(second)
    try append(third)
  }

  /// Answers SUBSCRIBE, each filter granted at quality of service 1, or PINGREQ.
  private mutating func answer(_ first: UInt8, _ packet: Region) throws(Failure) {
    let start = replyCount
    try append(first)
    try append(0)
    if packet.count > 0 {
      try append(packet[0])
      try append(packet[1])
      var place = 2
      while place &+ 2 < packet.count {
        try append(1)
        place &+= 3 &+ packet.number16(at: place)
      }
    }
    reply[start &+ 1] = UInt8(truncatingIfNeeded: replyCount &- start &- 2)
  }

  /// Gives the session what the hub says: how many bytes, 0 for none now, ``TLS/held`` for none before the port can send, or a
  /// status.
  mutating func give(_ room: Region) -> Int32 {
    do throws(Failure) {
      while true {
        if replyCount > 0 {
          let count = min(replyCount, room.count)
          for place in 0..<count { room[place] = reply[place] }
          for place in count..<replyCount { reply[place &- count] = reply[place] }
          replyCount &-= count
          return Int32(truncatingIfNeeded: count)
        }
        // The head of a message and the first of its payload together, as a hub would send them.
        var count = 0
        if !isHeadOpen && headStart < head.count {
          count = min(head.count &- headStart, room.count)
          room.copy(head.region.part(headStart, count).bytes, to: 0)
          headStart &+= count
        }
        let rest = min(piece.count, room.count &- count)
        if rest > 0 {
          room.copy(piece.part(0, rest).bytes, to: count)
          piece = piece.part(rest, piece.count &- rest)
        }
        if count &+ rest > 0 { return Int32(truncatingIfNeeded: count &+ rest) }
        let result = try exchange()
        // What was not taken before can be now: the session is to offer it again, although nothing came for it. And what there
        // is to wait for has changed.
        if result == 0 && (isTurnDue || isWaited && work == .nothing) {
          isTurnDue = false
          isWaited = false
          return TLS.held
        }
        if result != 1 { return result }
      }
    } catch {
      return error.code
    }
  }
}
