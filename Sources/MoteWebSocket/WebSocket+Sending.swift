public import MoteBytes

/// Most bytes that are masked, and handed on, at a time: a large message does not have to be masked anew for each TLS record.
private var mostMasked: Int { 4_096 }

extension WebSocket {
  /// Whether a control frame waits to leave.
  public var owes: Bool { control != 0 }

  /// What is to be handed to the transport next; nothing when there is nothing. A control frame that waits comes first, then
  /// the bytes of `region` from `start` on, as the payload of one binary frame, until all of them were taken. `key`: 32 random
  /// bits, for a frame that begins.
  ///
  /// Until ``took(_:)``, the bytes are masked, and a header stands in front of them in the region; then all of it is as it
  /// was. When the region has no room there, the header and the first bytes leave on their own.
  ///
  /// The transport takes at least the first 16 bytes, or all, or nothing, after which it is offered the same bytes.
  public mutating func offer(_ region: Region, from start: Int, key fresh: UInt32) -> Region {
    // Not in the midst of a frame.
    if control != 0 && frameCount == 0 {
      if !isControlOffered {
        let size = WebSocket.controlHeaderSize
        let count = Int(controlEnd) &- size
        room.writeHeader(control, count, fresh)
        room.part(size, count).mask(fresh, from: 0)
        isControlOffered = true
      }
      return room.part(Int(controlSent), Int(controlEnd &- controlSent))
    }
    var count = region.count &- start
    if count == 0 { return .empty }
    if frameCount == 0 {
      if isClosing { return .empty }
      frameCount = count
      key = fresh
    }
    count = min(count, frameCount &- frameSent)
    let head = memory.part(0, WebSocket.headSize)
    headerSize = frameSent == 0 ? head.writeHeader(0x82, frameCount, key) : 0
    isBorrowed = headerSize <= start
    if !isBorrowed {
      count = min(count, head.count &- headerSize)
      head.copy(region.part(start, count).bytes, to: headerSize)
      offered = head.part(0, headerSize &+ count)
    } else {
      offered = region.part(start &- headerSize, headerSize &+ min(count, mostMasked &- headerSize))
    }
    turn()
    return offered
  }

  /// Masks what is offered of the payload, and puts the header where it was borrowed, or the other way round.
  @inline(never) private mutating func turn() {
    if isBorrowed {
      for place in 0..<headerSize {
        let byte = memory[place]
        memory[place] = offered[place]
        offered[place] = byte
      }
    }
    offered.part(headerSize, offered.count &- headerSize).mask(key, from: frameSent)
  }

  /// Says how many bytes the transport has taken of what was offered, 0 or less for none. How many of the region's own those
  /// were, or `count` when that is none; below zero also when a header was broken off, after which nothing helps.
  public mutating func took(_ count: Int32) -> Int32 {
    if isControlOffered {
      if count <= 0 { return count }
      controlSent &+= UInt8(truncatingIfNeeded: count)
      if controlSent >= controlEnd {
        control = 0
        isControlOffered = false
      }
      return 0
    }
    if isBorrowed { turn() }
    if count <= 0 { return count }
    let sent = Int(count) &- headerSize
    if sent <= 0 { return Failure.webSocketFrame.code }
    frameSent &+= sent
    if frameSent >= frameCount {
      frameCount = 0
      frameSent = 0
    }
    return Int32(truncatingIfNeeded: sent)
  }

  /// Says that nothing more is to be sent: Close (5.5.1) with a status waits to leave, but when another has, or a control
  /// frame is leaving.
  public mutating func close(_ status: Int) {
    if isClosing || isControlOffered { return }
    isClosing = true
    room[WebSocket.controlHeaderSize] = UInt8(truncatingIfNeeded: status &>> 8)
    room[WebSocket.controlHeaderSize &+ 1] = UInt8(truncatingIfNeeded: status)
    controlEnd = 0
    owe(0x88, 2)
  }

  /// Makes the payload that stands where it has to be a control frame's that waits to leave.
  mutating func owe(_ first: UInt8, _ count: UInt8) {
    control = first
    controlSent = 0
    controlEnd = UInt8(truncatingIfNeeded: WebSocket.controlHeaderSize) &+ count
  }
}

extension Region {
  /// Writes the header of a frame (5.2) with so many bytes of payload: how many bytes it has itself.
  @discardableResult
  @inline(never) fileprivate func writeHeader(_ first: UInt8, _ size: Int, _ key: UInt32) -> Int {
    var writer = Writer(self)
    writer.append(first)
    if size < 126 {
      writer.append(0x80 | UInt8(truncatingIfNeeded: size))
    } else {
      writer.append(size < 0x1_0000 ? 0xFE : 0xFF)
      if size >= 0x1_0000 {
        writer.append16(0)
        writer.append16(0)
        writer.append16(size &>> 16)
      }
      writer.append16(size)
    }
    writer.append16(Int(truncatingIfNeeded: key &>> 16))
    writer.append16(Int(truncatingIfNeeded: key))
    return writer.count
  }

  /// Masks or unmasks bytes (5.3), the first of which is number `place` of its frame.
  @inline(never) fileprivate func mask(_ key: UInt32, from place: Int) {
    for offset in bytes.indices {
      self[offset] ^= UInt8(truncatingIfNeeded: key &>> UInt32(truncatingIfNeeded: ~(place &+ offset) & 3 &* 8))
    }
  }
}
