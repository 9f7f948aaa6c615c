// Mote: a device's client. `DeviceClient` is the one state machine that a device runs.

import CMote
public import MoteBytes
public import MoteMQTT

/// What a client was doing. The numbers are those of mote.h.
public enum Step: Int32, Sendable {
  case idle
  case resolve
  case connect
  case handshake
  case greeting
  case subscribe
  case work
  case closing
  /// For the next attempt.
  case waiting
}

/// What a client has to tell. Its regions are parts of the receive buffer and hold what they say until the
/// client's next call.
///
/// It is mote.h's event and nothing else, so that a client writes it where C reads it.
@safe public struct DeviceEvent {
  /// The numbers are those of mote.h.
  public enum Kind: Int32, Sendable {
    /// Nothing: wait as ``DeviceEvent/waitsToRead``, ``DeviceEvent/waitsToWrite`` and ``DeviceEvent/deadline`` say.
    case none
    case connected
    case disconnected
    /// The hub has the message ``DeviceEvent/token``.
    case sent
    /// The message ``DeviceEvent/token`` is dropped because of ``DeviceEvent/status``.
    case failed
    case message
    case aborted
    case skipped
    /// The twin's document, or a piece of it.
    case twin
    /// Desired properties that have changed, or a piece of them.
    case desired
    /// What became of reported properties.
    case reported
    /// A direct method, or a piece of its payload.
    case method
  }

  private var event: mote_event

  /// An event to be filled in.
  public init() {
    unsafe event = mote_event()
    deadline = .max
  }

  public var kind: Kind {
    get { unsafe Kind(rawValue: event.kind) ?? .none }
    set { unsafe event.kind = newValue.rawValue }
  }
  /// A `mote_status`: why the connection ended or the message failed; 0: as asked.
  public var status: Int32 {
    get { unsafe event.status }
    set { unsafe event.status = newValue }
  }
  /// Where the connection ended.
  public var step: Step {
    get { unsafe Step(rawValue: event.step) ?? .idle }
    set { unsafe event.step = newValue.rawValue }
  }
  public var flags: MessageFlags {
    get { unsafe MessageFlags(rawValue: UInt8(truncatingIfNeeded: event.flags)) }
    set { unsafe event.flags = Int32(newValue.rawValue) }
  }
  public var token: Int {
    get { unsafe Int(event.token) }
    set { unsafe event.token = Int32(truncatingIfNeeded: newValue) }
  }
  public var sessionPresent: Bool {
    get { unsafe event.session_present != 0 }
    set { unsafe event.session_present = newValue ? 1 : 0 }
  }
  public var waitsToRead: Bool {
    get { unsafe event.wait & MOTE_WAIT_READ != 0 }
    set { unsafe event.wait = event.wait & ~MOTE_WAIT_READ | (newValue ? MOTE_WAIT_READ : 0) }
  }
  public var waitsToWrite: Bool {
    get { unsafe event.wait & MOTE_WAIT_WRITE != 0 }
    set { unsafe event.wait = event.wait & ~MOTE_WAIT_WRITE | (newValue ? MOTE_WAIT_WRITE : 0) }
  }
  /// When to poll again; of a lost connection, when the next attempt begins, `.max` when there is none.
  public var deadline: UInt64 {
    get { unsafe event.deadline }
    set { unsafe event.deadline = newValue }
  }
  /// With the first piece of a message: the property bag, encoded. See ``PropertyBag``.
  public var properties: Region {
    get { unsafe Region(event.properties, event.properties_length) }
    set {
      unsafe event.properties = newValue.orNull
      unsafe event.properties_length = newValue.count
    }
  }
  /// Of a message that is skipped: how many bytes its properties have.
  public var skippedCount: Int {
    get { unsafe event.skipped_length }
    set { unsafe event.skipped_length = newValue }
  }
  /// With the first piece of a direct method: its name, and its component, which may be empty. The topic of a message that
  /// is skipped because it is not for this device.
  public var name: Region {
    get { unsafe Region(event.name, event.name_length) }
    set {
      unsafe event.name = newValue.textOrNull
      unsafe event.name_length = newValue.count
    }
  }
  public var component: Region {
    get { unsafe Region(event.component, event.component_length) }
    set {
      unsafe event.component = newValue.textOrNull
      unsafe event.component_length = newValue.count
    }
  }
  /// Of the twin's properties.
  public var version: UInt32 {
    get { unsafe UInt32(bitPattern: event.version) }
    set { unsafe event.version = Int32(bitPattern: newValue) }
  }
  public var payload: Region {
    get { unsafe Region(event.payload, event.payload_length) }
    set {
      unsafe event.payload = newValue.orNull
      unsafe event.payload_length = newValue.count
    }
  }
  public var offset: Int {
    get { unsafe event.offset }
    set { unsafe event.offset = newValue }
  }
  public var total: Int {
    get { unsafe event.total }
    set { unsafe event.total = newValue }
  }

  /// Whether this piece ends its message.
  public var isComplete: Bool { unsafe event.offset &+ event.payload_length == event.total }

  /// Says both at once, for what to wait.
  mutating func wait(toRead isReading: Bool, toWrite isWriting: Bool) {
    unsafe event.wait = (isReading ? MOTE_WAIT_READ : 0) | (isWriting ? MOTE_WAIT_WRITE : 0)
  }

  /// Whether it is of that kind: the numbers are compared.
  func tells(_ kind: Kind) -> Bool { unsafe event.kind == kind.rawValue }
}

extension Region {
  /// The bytes that C calls `count` at `start`, which is null when there are none.
  @unsafe fileprivate init(_ start: UnsafeRawPointer?, _ count: Int) {
    guard let start = unsafe start else {
      self = .empty
      return
    }
    // Sound: they are those of a region that was set.
    unsafe self.init(
      start: UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: UInt8.self),
      count: _assumeNonNegative(count))
  }
}
