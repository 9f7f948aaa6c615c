import CMote
import Mote
import MoteBytes
import MoteHub
import MoteLinux
import MoteMQTT

/// What a connection is made with.
struct ConnectionSettings {
  var device: Device
  var endpoint: Endpoint?
  /// What it goes by, if anything.
  var proxy: ProxyAddress?
  /// Whether MQTT goes over a WebSocket.
  var isWebSocket = false
  var caFile: String?
  var certificate: String?
  var key: String?
  var isVerbose = false
  var isInsecure = false
  /// Whether it speaks HTTPS in place of MQTT.
  var isHTTPS = false
  /// How often it then asks for messages, in seconds.
  var pollSeconds: UInt32 = 1_500
  /// Whether it subscribes to cloud-to-device messages.
  var receivesMessages = false
  /// Where messages are kept until the hub has them.
  var outbox: String?
  /// What the device is, for IoT Plug and Play.
  var model: String?
  /// Whether there is a twin, and what it is for.
  var twin: Twin.Options?
  /// How many direct methods may be pending; 0: there are none.
  var calls = 0

  var defaultPort: UInt16 { isHTTPS || isWebSocket ? Endpoint.httpsPort : Endpoint.mqttPort }
  /// Where it connects.
  var target: Endpoint { endpoint ?? Endpoint(host: device.identity.peer.text, port: defaultPort) }
}

/// A device's connection with all of its memory, and its run loop.
@safe final class Connection {
  /// Most messages in flight unacknowledged.
  static let window = 16

  let console: Console
  private let wakeup: Wakeup
  private let settings: ConnectionSettings
  private let target: Endpoint
  private let credentials: Credentials
  private let host: Memory
  // Holds a packet with the longest topic there is.
  private let receiving = Memory(count: 72 * 1024)
  // Holds a few of the largest messages that a hub takes.
  private let outbox = Memory(count: 1024 * 1024)
  private let socket: UnsafeMutablePointer<SecureWebSocket>
  private let way: Way
  private var client: DeviceClient
  private let kept: OutboxFile?
  private let attachments: Attachments
  private let model: Memory
  /// How many messages an earlier run has left.
  let restored: Int
  private var step = Step.idle
  private(set) var isConnected = false
  private var hasConnected = false

  init(_ settings: ConnectionSettings) throws(Explanation) {
    self.settings = settings
    console = Console(isVerbose: settings.isVerbose)
    wakeup = try Wakeup()
    if settings.isInsecure { Connection.warn() }
    credentials = try Credentials(
      caFile: settings.caFile, certificate: settings.certificate, key: settings.key, isInsecure: settings.isInsecure)
    let identity = settings.device.identity
    target = settings.target
    host = Memory(target.host.utf8)
    way = try Way(settings.proxy)
    var options = DeviceClient.Options()
    options.receivesMessages = settings.receivesMessages
    client = DeviceClient(
      identity, signer: settings.device.signer, port: way.port, tls: credentials.tls, endpoint: host.region,
      portNumber: target.port, options: options)
    var memory = MQTTMemory(receiving: receiving.region, outbox: outbox.region)
    memory.window = Connection.window
    // Sound: freed in deinit; the client is used by this object only, which holds all that it borrows.
    unsafe socket = .allocate(capacity: 1)
    attachments = Attachments(calls: settings.calls)
    if settings.isHTTPS {
      try attachments.useHTTPS(in: &client, memory, settings)
    } else if settings.isWebSocket {
      try? unsafe client.use(memory, over: socket)
    } else {
      try? client.use(memory)
    }
    var file: OutboxFile?
    if let path = settings.outbox { file = try OutboxFile(path: path) }
    kept = file
    model = Memory((settings.model ?? "").utf8)
    client.announce(product: .empty, model: model.region)
    attachments.attach(to: &client, twin: settings.twin)
    restored = try file?.attach(to: &client, now: LinuxPort.now) ?? 0
  }

  deinit {
    unsafe socket.deallocate()
  }

  /// Says what --insecure is.
  static func warn() {
    complain("WARNING: --insecure: the server's certificate is NOT verified. Anyone on the way can read and change")
    complain("WARNING: everything, the device's token included. Never use it with a real hub.")
  }

  // MARK: Its life

  /// Starts to connect. ``next(until:)`` carries it on.
  func start() throws(Explanation) {
    try explaining { () throws(Failure) in try client.connect(now: LinuxPort.now) }
    tellStep()
  }

  /// Does what can be done now, and gives what happened; nil after having slept until something may happen, or
  /// `deadline`.
  func next(until deadline: UInt64 = .max) -> DeviceEvent? {
    var event = DeviceEvent()
    let isEvent = client.poll(now: LinuxPort.now, &event)
    tellStep()
    if isEvent {
      if event.kind == .connected { tellConnected(event) }
      if event.kind == .disconnected { isConnected = false }
      return event
    }
    _ = way.wait(
      toRead: event.waitsToRead, toWrite: event.waitsToWrite, until: min(event.deadline, deadline),
      other: wakeup.descriptor)
    return nil
  }

  /// Watches `input` too while sleeping, or nothing.
  func watch(_ input: Int32?) { wakeup.watch(input) }

  /// How the program is to end, when it was told to.
  func takeSignal() -> Exit? { wakeup.takeSignal() }

  /// Says goodbye, for as long as `patience` milliseconds or until a signal.
  func close(patience: UInt64 = 5_000) {
    let deadline = LinuxPort.now + patience
    guard (try? client.disconnect(now: LinuxPort.now)) != nil else { return }
    while LinuxPort.now < deadline && takeSignal() == nil {
      guard let event = next(until: deadline) else { continue }
      if event.kind == .disconnected {
        console.note("disconnected")
        return
      }
      // A message that nobody will see is not acknowledged, so that the hub sends it again.
      if event.kind == .message { try? client.hold() }
    }
  }

  /// Tells that the connection is lost and when it is tried again; throws when that is not, or there was none yet.
  func takeLoss(_ event: DeviceEvent) throws(Explanation) {
    let explanation = explanation
    if event.deadline == .max || (!hasConnected && kept == nil) || isRefusedOverHTTPS(event) { throw explanation }
    if event.status == MOTE_ERROR_TOKEN_EXPIRES {
      console.note("left, to come back with a new token")
      return
    }
    complain("\(explanation.text) Trying again in \(LinuxPort.seconds(until: event.deadline)) s.")
  }

  /// Whether the hub refuses the device, or what it asks. Over HTTPS that is seen with the first request only.
  private func isRefusedOverHTTPS(_ event: DeviceEvent) -> Bool {
    settings.isHTTPS
      && (event.status == MOTE_ERROR_REFUSED_AUTHORISATION || event.status == MOTE_ERROR_HUB_REFUSED)
  }

  /// Why the connection ended.
  var explanation: Explanation {
    let error = client.lastError
    if settings.isHTTPS, let told = Explanation(overHTTPS: error.status, error.libraryCode, settings.device) {
      return told
    }
    return Explanation(
      step: error.step, error.status, error.libraryCode, target: target, device: settings.device)
  }

  // MARK: Messages

  /// Whether messages are kept until the hub has them, also when there is no connection.
  var isKept: Bool { kept != nil }

  /// Stores a message. Its token, or nil when there is no room for now.
  func send(_ payload: Region, _ properties: MessageProperties) throws(Explanation) -> Int? {
    var message = client.compose(room: properties.encodedSize + payload.count)
    for property in properties.list { message.append(property.name.span, property.value?.span) }
    do throws(Failure) {
      return try client.send(message, payload: payload.bytes)
    } catch {
      if error == .outboxFull || error == .identifiers { return nil }
      if let kept {
        let reason =
          error.code == MOTE_ERROR_TOO_LARGE
          ? "at most about \(OutboxFile.longest) bytes fit" : "\(statusText(error.code))"
        throw Explanation(
          error.code == MOTE_ERROR_TOO_LARGE ? .data : .output, "A message cannot be kept in '\(kept.path)': \(reason)."
        )
      }
      throw Explanation(.software, "A message cannot be stored: \(statusText(error.code))")
    }
  }

  /// Sends what fits one request of lines that wait. The token and how many they are, or nil when there is no room for now.
  func send(_ lines: LineBatch, _ properties: MessageProperties) throws(Explanation) -> (token: Int, count: Int)? {
    do throws(Failure) {
      if let sent = try lines.send(by: &client) { return sent }
    } catch {
      if error == .outboxFull || error == .identifiers { return nil }
      let isWrong = error.code == MOTE_ERROR_HTTP_FIELD || error.code == MOTE_ERROR_PROPERTY
      throw Explanation(isWrong ? .data : .software, "A batch cannot be sent: \(statusText(error.code))")
    }
    guard let line = lines.first, let token = try send(line, properties) else { return nil }
    lines.sentFirst()
    return (token, 1)
  }

  /// Holds back the acknowledgement of the message that came last.
  func hold() throws(Explanation) {
    try explaining { () throws(Failure) in try client.hold() }
  }

  /// Acknowledges a message that was held.
  func accept(_ token: Int) throws(Explanation) {
    try explaining { () throws(Failure) in try client.accept(token) }
  }

  // MARK: Twin and methods

  /// Asks for the twin's document.
  func getTwin() throws(Explanation) {
    try explaining { () throws(Failure) in try client.getTwin() }
  }

  /// Reports properties. `patch` is the client's until its outcome is told.
  func report(_ patch: Region) throws(Explanation) {
    do throws(Failure) {
      try client.report(patch)
    } catch {
      throw Explanation(.data, "The properties cannot be reported: \(statusText(error.code))")
    }
  }

  /// Responds to a method. A `mote_status`.
  func respond(_ token: Int, _ status: UInt32, _ payload: Region) -> Int32 {
    do throws(Failure) {
      try client.respond(token, status, payload)
    } catch {
      return error.code
    }
    return MOTE_OK
  }

  /// Wakes up also when `descriptor` can be read, or no longer.
  func wake(for descriptor: Int32, _ isWanted: Bool) { wakeup.wake(for: descriptor, isWanted) }

  private func explaining(_ work: () throws(Failure) -> Void) throws(Explanation) {
    do throws(Failure) {
      try work()
    } catch {
      throw Explanation(.software, "The client refused: \(statusText(error.code))")
    }
  }

  // MARK: What --verbose tells

  private func tellStep() {
    guard client.step != step else { return }
    step = client.step
    switch step {
    case .resolve: console.note("looking up \(target.host)")
    case .connect:
      if let proxy = settings.proxy {
        console.note("connecting to \(target.text) by way of \(proxy.text)")
      } else {
        console.note("found \(target.host); connecting to port \(target.port)")
      }
    case .handshake: console.note("connected; starting TLS")
    case .greeting:
      console.note("\(credentials.description), \(settings.isInsecure ? "server NOT verified" : "server verified")")
      console.note(
        "\(settings.isHTTPS ? "HTTPS" : "MQTT CONNECT") as \(settings.device.name) of \(settings.device.identity.host.text)"
      )
    case .subscribe: console.note("subscribing")
    case .idle, .waiting, .work, .closing: break
    }
  }

  private func tellConnected(_ event: DeviceEvent) {
    if hasConnected { complain("Connected again.") }
    hasConnected = true
    isConnected = true
    console.note("the hub accepted the device\(event.sessionPresent ? ", and had kept its session" : "")")
  }
}
