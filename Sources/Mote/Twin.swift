public import MoteBytes
import MoteHub
import MoteMQTT
import MoteTransport

/// A device's or module's twin: its document after each connect, what changes in its desired properties, and its reported
/// properties.
///
/// Of desired properties only what follows on what was told is told: older ones are dropped, and after a gap the document is
/// asked for again.
public struct Twin: ~Copyable {
  /// Limits of a twin.
  public struct Options {
    /// How long an answer may take, in milliseconds.
    public var patience: UInt32 = 60_000
    /// Whether it has nothing to do with desired properties: then it neither asks for the document by itself, nor hears of
    /// changes.
    public var onlyReports = false

    public init() {}
  }

  /// Something asked of the hub. It is asked again after a reconnect, and when the hub is too busy.
  fileprivate struct Request {
    var isWanted = false
    /// How often the hub was too busy, up to 15.
    var failures: UInt8 = 0
    /// What its answer is known by; 0 while it is not under way.
    var identifier: UInt16 = 0
    /// When it is to be sent, or was to be answered, in the session's units of time.
    var due: UInt32 = 0
  }

  /// Where the request for the document is, and that for the patch.
  private static var get: Int { 0 }
  private static var report: Int { 1 }

  /// Whose pieces come.
  private enum Reading: UInt8 {
    case nothing
    case document
    case desired
    case answer
  }

  fileprivate var feature: Feature
  /// What is to be reported, the caller's.
  private var patch = Region.empty
  /// For the document, and for the patch.
  private var requests: InlineArray<2, Request> = .init(repeating: Request())
  /// The version of the desired properties that were told; 0 while it is not known.
  private var version: UInt32 = 0
  /// The highest version that the hub has told of since the document was asked for.
  private var seen: UInt32 = 0
  private var document = DesiredVersion()
  private let patience: UInt32
  private var lastIdentifier: UInt16 = 0
  /// The status of the answer that is being read.
  private var status: UInt16 = 0
  private let onlyReports: Bool
  /// Whether the document was told since the connection began, so that changes can be told too.
  private var isKnown = false
  private var reading = Reading.nothing

  fileprivate init(_ options: Options) {
    patience = options.patience &>> 10 &+ 1
    onlyReports = options.onlyReports
    requests[Twin.get].isWanted = !onlyReports
    feature = unsafe Feature { (state, client, moment, subject) in
      // Sound: it is called with the state at whose start it stands, with the client, and with what the moment says.
      let twin = unsafe state.assumingMemoryBound(to: Twin.self)
      let client = unsafe client.assumingMemoryBound(to: DeviceClient.self)
      let event = unsafe subject.assumingMemoryBound(to: DeviceEvent.self)
      switch moment {
      case Moment.subscribing.rawValue:
        unsafe twin.pointee.subscribe(&subject.assumingMemoryBound(to: Filters.self).pointee)
      case Moment.message.rawValue: return unsafe twin.pointee.take(&event.pointee, &client.pointee)
      case Moment.piece.rawValue: unsafe twin.pointee.go(on: &event.pointee)
      case Moment.turn.rawValue: return unsafe twin.pointee.turn(&event.pointee, &client.pointee)
      case Moment.ended.rawValue: unsafe twin.pointee.forget()
      case Moment.request.rawValue:
        return unsafe twin.pointee.want(
          subject.assumingMemoryBound(to: TwinRequest.self).pointee.patch, &client.pointee)
      default: break
      }
      return 0
    }
  }

  private mutating func subscribe(_ filters: inout Filters) {
    filters.append("$iothub/twin/res/#")
    if !onlyReports { filters.append("$iothub/twin/PATCH/properties/desired/#") }
  }

  /// The connection has ended: what was under way will not be answered, and is asked again.
  private mutating func forget() {
    for place in 0..<2 {
      requests[place].identifier = 0
      requests[place].due = 0
    }
    if !onlyReports { requests[Twin.get].isWanted = true }
    isKnown = false
    reading = .nothing
  }

  // MARK: Asking

  /// Takes what the application asks for: a patch, or without one the document.
  private mutating func want(_ patch: Region?, _ client: inout DeviceClient) -> Int32 {
    guard let patch else {
      requests[Twin.get].isWanted = true
      return 1
    }
    guard !requests[Twin.report].isWanted else { return Failure.state.code }
    // A packet's longest header, and the topic with the longest identifier.
    guard patch.count <= client.session.outbox.region.count &- 80 else { return Failure.tooLarge.code }
    self.patch = patch
    requests[Twin.report] = Request(isWanted: true)
    return 1
  }

  /// Sends what is due, and sees to what was not answered. 1: there is something to tell.
  private mutating func turn(_ event: inout DeviceEvent, _ client: inout DeviceClient) -> Int32 {
    let now = client.session.latest
    for place in 0..<2 where requests[place].isWanted {
      if now >= requests[place].due {
        if requests[place].identifier == 0 {
          send(place, &client)
        } else if place == Twin.get {
          requests[place].delay(&client)
        } else {
          // Whether the hub has taken it is not known: the application decides.
          requests[place] = Request()
          event.kind = .reported
          event.status = Failure.timedOut.code
          event.version = 0
          event.payload = .empty
          event.offset = 0
          event.total = 0
          return 1
        }
      }
      event.deadline = min(event.deadline, UInt64(widened: UInt(requests[place].due)) &<< 10)
    }
    return 0
  }

  /// Stores a request; without room in the outbox, a little later.
  private mutating func send(_ place: Int, _ client: inout DeviceClient) {
    lastIdentifier = lastIdentifier == .max ? 1 : lastIdentifier &+ 1
    var writer = client.session.compose()
    if place == Twin.get {
      seen = 0
      writer.append("$iothub/twin/GET/?$rid=")
    } else {
      writer.append("$iothub/twin/PATCH/properties/reported/?$rid=")
    }
    writer.appendDecimal(UInt64(widened: UInt(lastIdentifier)))
    requests[place].due = client.session.latest &+ 1
    if client.store(writer, place == Twin.get ? Region.empty : patch) == 0 {
      requests[place].identifier = lastIdentifier
      requests[place].due = client.session.latest &+ patience
    } else {
      lastIdentifier &-= 1
    }
  }

  // MARK: Being told

  /// A message, or its first piece. 1: it was one of the twin.
  private mutating func take(_ event: inout DeviceEvent, _ client: inout DeviceClient) -> Int32 {
    let topic = event.name
    let next = topic.number("$version=")
    let isTold: Bool
    if let rest = topic.after(RequestTopic.twinAnswer) {
      let status = rest.number
      let identifier = rest.number("$rid=")
      guard status > 0 && status < 1_000 && identifier > 0 else { return 0 }
      isTold = settle(UInt16(truncatingIfNeeded: status), identifier, &client)
    } else {
      guard topic.after(RequestTopic.desired) != nil && next > 0 else { return 0 }
      isTold = follow(next)
    }
    event.kind = .none
    event.version = next
    client.isForeign = !isTold
    if isTold { go(on: &event) }
    return 1
  }

  /// An answer. Whether it is to be told.
  private mutating func settle(
    _ status: UInt16, _ identifier: UInt32, _ client: inout DeviceClient
  ) -> Bool {
    let place = identifier == requests[Twin.get].identifier ? Twin.get : Twin.report
    // What answers nothing that is under way comes too late.
    guard identifier == requests[place].identifier else { return false }
    if status == 429 || status >= 500 {
      requests[place].delay(&client)
      return false
    }
    requests[place] = Request()
    self.status = status
    reading = place == Twin.get ? .document : .answer
    document = DesiredVersion()
    return true
  }

  /// A change of desired properties. Whether it is the next.
  private mutating func follow(_ next: UInt32) -> Bool {
    seen = max(seen, next)
    guard isKnown && next > version else { return false }
    guard next == version &+ 1 || version == 0 else {
      requests[Twin.get].isWanted = true
      return false
    }
    version = next
    reading = .desired
    return true
  }

  /// A piece of what is told.
  private mutating func go(on event: inout DeviceEvent) {
    switch reading {
    case .nothing: return
    case .desired: event.kind = .desired
    case .answer: event.kind = .reported
    case .document:
      event.kind = .twin
      document.take(event.payload.bytes)
    }
    event.status = Int32(status)
    if reading == .desired || reading == .document { event.version = version }
    guard event.isComplete else { return }
    if reading == .document && status < 300 {
      version = document.number
      event.version = version
      isKnown = true
      // The document was on its way when the hub told of more.
      if seen > version { requests[Twin.get].isWanted = true }
    }
    reading = .nothing
  }
}

extension Twin.Request {
  /// It is to be sent again, after a while that doubles each time.
  @inline(never) mutating func delay(_ client: inout DeviceClient) {
    let limits = client.backoff.limits
    let most = limits.base > limits.most &>> UInt32(failures) ? limits.most : limits.base &<< UInt32(failures)
    let share = 0x1_0000 | client.transport.port.random() &>> 16
    let wait = (UInt64(widened: UInt(most)) &* UInt64(widened: UInt(share))) &>> 27
    if failures < 15 { failures &+= 1 }
    identifier = 0
    due = client.session.latest &+ 2 &+ UInt32(truncatingIfNeeded: wait)
  }
}

/// What an application asks of the twin: to report a patch, or without one the document.
struct TwinRequest {
  let patch: Region?
}

extension DeviceClient {
  /// Attaches the twin, once and before connecting. Unsafe, because `twin`, which this initialises, must stay where it is as
  /// long as the client is used, which the compiler cannot see.
  @unsafe public mutating func use(_ twin: UnsafeMutablePointer<Twin>, _ options: Twin.Options)
    throws(Failure)
  {
    let value = Twin(options)
    guard !isHTTPS else { throw .overHTTPS }
    guard step == .idle && !features.contains(value.feature) else { throw .state }
    unsafe twin.initialize(to: value)
    // Sound: the feature stands at its start.
    unsafe features.attach(UnsafeMutableRawPointer(twin).assumingMemoryBound(to: Feature.self))
  }

  /// Reports properties, as a JSON object that is merged with those reported before. `patch` is the twin's until its outcome
  /// is told.
  public mutating func report(_ patch: Region) throws(Failure) { try request(TwinRequest(patch: patch)) }

  /// Asks for the twin's document, besides after each connect.
  public mutating func getTwin() throws(Failure) { try request(TwinRequest(patch: nil)) }

  private mutating func request(_ request: TwinRequest) throws(Failure) {
    var request = request
    let answer = ask(.request, &request)
    if answer <= 0 { throw answer == 0 ? .state : Failure(answer) }
  }
}
