public import MoteBytes
import MoteHub
import MoteMQTT

/// The direct methods that are called and wait for their response: as many at once as the caller has memory for.
///
/// Each is a slot of ``slotSize`` bytes: its token (2; 0: it is free), the length of its request identifier (1), and that
/// itself, since a response has to bring it back as it came.
public struct Methods: ~Copyable {
  /// Bytes for each call that may be pending.
  public static var slotSize: Int { 40 }
  private static var headerSize: Int { 3 }

  fileprivate var feature: Feature
  private let slots: Region
  /// The token given last.
  private var last: UInt16 = 0
  /// The last token that an ended connection's call had.
  private var lost: UInt16 = 0
  /// Whose pieces come; 0: nobody's.
  private var current: UInt16 = 0

  fileprivate init(_ slots: Region) {
    self.slots = slots
    for offset in slots.bytes.indices { slots[offset] = 0 }
    feature = unsafe Feature { (state, client, moment, subject) in
      // Sound: it is called with the state at whose start it stands, with the client, and with what the moment says.
      let methods = unsafe state.assumingMemoryBound(to: Methods.self)
      let client = unsafe client.assumingMemoryBound(to: DeviceClient.self)
      switch moment {
      case Moment.subscribing.rawValue:
        unsafe subject.assumingMemoryBound(to: Filters.self).pointee.append("$iothub/methods/POST/#")
      case Moment.message.rawValue:
        return unsafe methods.pointee.take(&subject.assumingMemoryBound(to: DeviceEvent.self).pointee, &client.pointee)
      case Moment.piece.rawValue:
        unsafe methods.pointee.go(on: &subject.assumingMemoryBound(to: DeviceEvent.self).pointee)
      case Moment.ended.rawValue: unsafe methods.pointee.forget()
      case Moment.respond.rawValue:
        return unsafe methods.pointee.respond(
          subject.assumingMemoryBound(to: MethodResponse.self).pointee, &client.pointee)
      default: break
      }
      return 0
    }
  }

  /// Where the slot of a token begins; nil when there is none.
  private mutating func slot(_ token: UInt16) -> Int? {
    var offset = 0
    while offset <= slots.count &- Methods.slotSize {
      if slots.load(offset, as: UInt16.self) == token { return offset }
      offset &+= Methods.slotSize
    }
    return nil
  }

  /// A call, or its first piece. Whether it was one.
  private mutating func take(_ event: inout DeviceEvent, _ client: inout DeviceClient) -> Int32 {
    current = 0
    guard let rest = event.name.after(RequestTopic.method), let topic = MethodTopic(rest) else { return 0 }
    let identifier = topic.requestIdentifier
    guard let offset = slot(0), identifier.count <= Methods.slotSize &- Methods.headerSize else {
      // There is no room for the call. Without room for saying so, it is told as skipped.
      guard client.publishResponse(503, identifier, Region.empty) == 0 else { return 0 }
      event.kind = .none
      return 1
    }
    last = last == .max ? 1 : last &+ 1
    slots.store(last, at: offset)
    slots[offset &+ 2] = UInt8(truncatingIfNeeded: identifier.count)
    slots.copy(identifier.bytes, to: offset &+ Methods.headerSize)
    client.isForeign = false
    event.name = topic.name
    event.component = topic.component
    current = last
    go(on: &event)
    return 1
  }

  /// A piece of the call that was taken.
  private mutating func go(on event: inout DeviceEvent) {
    if current == 0 { return }
    event.kind = .method
    event.token = Int(current)
    if event.isComplete { current = 0 }
  }

  private mutating func forget() {
    lost = last
    current = 0
    for offset in slots.bytes.indices { slots[offset] = 0 }
  }

  private mutating func respond(_ response: MethodResponse, _ client: inout DeviceClient) -> Int32 {
    let token = UInt16(exactly: response.token) ?? 0
    guard token != 0, let offset = slot(token) else {
      let isLate = token != 0 && Int16(bitPattern: lost &- token) >= 0
      return isLate ? Failure.late.code : Failure.state.code
    }
    guard client.session.isConnected else { return Failure.late.code }
    let identifier = slots.part(offset &+ Methods.headerSize, Int(slots[offset &+ 2]))
    let status = client.publishResponse(response.status, identifier, response.payload)
    if status < 0 { return status }
    slots.store(0 as UInt16, at: offset)
    return 1
  }
}

extension Failure {
  static var late: Self { Self(-180) }
}

/// What a device answers a method with.
struct MethodResponse {
  let token: Int
  let status: UInt32
  let payload: Region
}

extension DeviceClient {
  /// Attaches direct methods, once and before connecting: for as many calls at once as fit `slots`. Unsafe, because `methods`,
  /// which this initialises, must stay where it is as long as the client is used, which the compiler cannot see.
  @unsafe public mutating func use(_ methods: UnsafeMutablePointer<Methods>, _ slots: Region)
    throws(Failure)
  {
    let value = Methods(slots)
    guard !isHTTPS else { throw .overHTTPS }
    guard step == .idle && !features.contains(value.feature) else { throw .state }
    unsafe methods.initialize(to: value)
    // Sound: the feature stands at their start.
    unsafe features.attach(UnsafeMutableRawPointer(methods).assumingMemoryBound(to: Feature.self))
  }

  /// Responds to the method that the event with `token` told, with a status and JSON or nothing.
  public mutating func respond(_ token: Int, _ status: UInt32, _ payload: Region) throws(Failure) {
    var response = MethodResponse(token: token, status: status, payload: payload)
    let answer = ask(.respond, &response)
    if answer <= 0 { throw answer == 0 ? .state : Failure(answer) }
  }

  /// Stores a response. A status.
  @inline(never) fileprivate mutating func publishResponse(
    _ status: UInt32, _ identifier: Region, _ payload: Region
  ) -> Int32 {
    var writer = session.compose()
    writer.appendMethodResponseTopic(status, identifier)
    return store(writer, payload)
  }

  /// Stores a message that makes sense by this connection only, and whose topic was written. A status.
  @inline(never) mutating func store(_ writer: Writer, _ payload: Region) -> Int32 {
    do throws(Failure) {
      _ = try session.publish(writer, payload: payload.bytes, .fleeting)
    } catch {
      return error.code
    }
    return 0
  }
}
