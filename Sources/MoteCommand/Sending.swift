import CMote
import Mote
import MoteBytes
import MoteLinux

/// A send: takes messages from their source as the window has room, until the hub has acknowledged all.
struct Sending {
  /// Most messages stored and not acknowledged: the window, and as many again to fill it from.
  private static let most = 2 * Connection.window
  /// Most messages kept at a time: each waits for the disk, and the connection and signals come between.
  private static let mostAtOnce = 4
  /// How long the hub may acknowledge nothing while something is in flight.
  private static let patience: UInt64 = 60_000
  /// How long acknowledgements are waited for after Ctrl-C.
  private static let patienceAfterSignal: UInt64 = 3_000
  /// How long a connection that was lost may take to come back, unless the messages have no end.
  private static let patienceOffline: UInt64 = 300_000
  /// The same when nothing is lost by giving up.
  private static let patienceKept: UInt64 = 60_000

  let connection: Connection
  let properties: MessageProperties
  var source: MessageSource
  /// How many messages; nil: all that the source has.
  let limit: Int?
  /// Milliseconds from one message to the next.
  let interval: UInt64
  /// Lines that go together; nil: each goes alone.
  let batch: LineBatch?

  private var hasConnected = false
  private var taken = 0
  private var stored = 0
  private var acknowledged = 0
  /// A message that found no room yet.
  private var pending: Region?
  private var nextTime: UInt64 = 0
  private var isExhausted = false
  private var isStarved = false
  /// Whether there may be more to take at once.
  private var hasMore = false
  /// Whether a signal has come.
  private var isStopping = false
  /// How to end after a signal that came before all was sent.
  private var stopped: Exit?
  /// Why no more messages are taken, to be told when those before have been acknowledged.
  private var failure: Explanation?
  private var overdue = UInt64.max
  /// Whether the connection was lost and has not come back.
  private var isOffline = false
  private var progress: Progress

  init(
    _ connection: Connection, _ properties: MessageProperties, _ source: MessageSource, limit: Int?, interval: UInt64,
    batch: LineBatch? = nil
  ) {
    self.connection = connection
    self.properties = properties
    self.source = source
    self.limit = limit
    self.interval = interval
    self.batch = batch
    stored = connection.restored
    progress = Progress(isShown: !connection.console.isVerbose)
  }

  /// Whether nothing but a signal ends it.
  private var isEndless: Bool { limit == nil && source.descriptor == nil }

  private var outstanding: Int { stored - acknowledged }

  /// Sends all. What was not acknowledged when it throws may have arrived or not.
  mutating func run() throws(Explanation) {
    defer { progress.clear() }
    if connection.restored > 0 { complain("An earlier run has left \(messages(connection.restored)), to go first.") }
    try connection.start()
    if connection.isKept { goOffline() }
    while !isDone {
      fill()
      if isDone { break }
      connection.watch(isStarved && !isExhausted ? source.descriptor : nil)
      if let event = connection.next(until: min(deadline, progress.deadline)) {
        try take(event)
      }
      if let exit = connection.takeSignal() { try stop(exit) }
      if LinuxPort.now >= giveUpTime { try giveUp() }
      progress.update(acknowledged: acknowledged, of: limit)
    }
    connection.close()
    progress.clear()
    if let failure { throw failure }
    if let stopped {
      throw Explanation(stopped, "Stopped before the end: the hub has acknowledged \(messages(acknowledged)).")
    }
    let summary = "the hub acknowledged \(messages(acknowledged)) in \(progress.elapsed)"
    if connection.console.isVerbose || Console.isTerminal { complain(summary) }
  }

  private var isDone: Bool { isExhausted && pending == nil && batch?.isEmpty != false && outstanding == 0 }

  /// When there is something to do though nothing comes.
  private var deadline: UInt64 {
    if hasMore { return LinuxPort.now }
    let isWaiting = isExhausted || !canStore || isStarved || pending != nil
    return min(isWaiting ? .max : nextTime, giveUpTime)
  }

  /// When to wait no longer. While messages still come that are kept, there is no such time.
  private var giveUpTime: UInt64 { connection.isKept && !isExhausted ? .max : overdue }

  /// Stores messages while there is room for them, or a few of those that are kept.
  private mutating func fill() {
    isStarved = false
    hasMore = false
    let most = connection.isKept ? stored + Sending.mostAtOnce : .max
    guard canStore else { return }
    if let batch { return fill(batch) }
    do throws(Explanation) {
      while canStore, try prepare(), let payload = pending {
        guard let token = try connection.send(payload, properties) else { return }
        pending = nil
        if outstanding == 0 && !isOffline { overdue = LinuxPort.now + Sending.patience }
        stored += 1
        connection.console.note("message \(stored): \(payload.count) bytes, packet identifier \(token)")
        if stored == most {
          hasMore = true
          return
        }
      }
    } catch {
      fail(error)
    }
  }

  /// Takes no more messages. Why is told in the end.
  private mutating func fail(_ explanation: Explanation) {
    failure = failure ?? explanation
    isExhausted = true
    pending = nil
  }

  /// Sends the lines that have come, as many as go together. One request at a time: the next waits for its answer.
  private mutating func fill(_ lines: LineBatch) {
    do throws(Explanation) {
      while !lines.isFull, try prepare(), let line = pending {
        lines.append(line)
        pending = nil
      }
    } catch {
      // What came before goes.
      fail(error)
    }
    if lines.isEmpty { return }
    do throws(Explanation) {
      guard let (token, count) = try connection.send(lines, properties) else { return }
      if !isOffline { overdue = LinuxPort.now + Sending.patience }
      stored += count
      connection.console.note("\(messages(count)) in one request, packet identifier \(token)")
    } catch {
      lines.forgetRest()
      fail(error)
    }
  }

  /// Takes a message from the source, unless there is one. False when there is none now.
  private mutating func prepare() throws(Explanation) -> Bool {
    if pending != nil { return true }
    if taken == limit { isExhausted = true }
    if isExhausted || LinuxPort.now < nextTime { return false }
    switch try source.next() {
    case .message(let payload):
      taken += 1
      guard payload.count + properties.size <= LineReader.limit else {
        throw Explanation(
          .data,
          "Message \(taken) has \(payload.count + properties.size) bytes with its properties; a hub takes 262144.")
      }
      pending = payload
      if interval > 0 { nextTime = max(nextTime + interval, LinuxPort.now) }
      if taken == limit { isExhausted = true }
      return true
    case .later: isStarved = true
    case .end: isExhausted = true
    }
    return false
  }

  /// Whether another message may be stored. With a file it may be at any time, up to what the outbox holds.
  private var canStore: Bool {
    connection.isKept || connection.isConnected && outstanding < (batch == nil ? Sending.most : 1)
  }

  /// Waits for the connection, but not for ever.
  private mutating func goOffline() {
    if isOffline || isStopping { return }
    isOffline = true
    let patience = connection.isKept ? Sending.patienceKept : Sending.patienceOffline
    overdue = isEndless ? .max : LinuxPort.now + patience
  }

  private mutating func take(_ event: DeviceEvent) throws(Explanation) {
    switch event.kind {
    case .connected:
      hasConnected = true
      nextTime = max(nextTime, LinuxPort.now)
      isOffline = false
      if !isStopping { overdue = outstanding == 0 ? .max : LinuxPort.now + Sending.patience }
    case .sent:
      acknowledged += batch?.acknowledge() ?? 1
      overdue = outstanding == 0 ? .max : LinuxPort.now + Sending.patience
      connection.console.note("acknowledged: packet identifier \(event.token)")
    case .failed:
      let isWrong = event.status == MOTE_ERROR_HUB_REFUSED || event.status == MOTE_ERROR_HTTP_FIELD
      throw Explanation(
        isWrong ? .data : .software,
        "\(batch == nil ? "A message" : "A batch") was dropped: \(statusText(event.status))")
    case .disconnected:
      do throws(Explanation) {
        try connection.takeLoss(event)
      } catch {
        throw Explanation(error.exit, error.text + account)
      }
      goOffline()
    case .none, .message, .aborted, .skipped, .twin, .desired, .reported, .method: break
    }
  }

  /// Takes no more messages, and waits a little for the acknowledgements of those that left; at a second signal not.
  private mutating func stop(_ exit: Exit) throws(Explanation) {
    guard hasConnected && !isStopping else {
      connection.close(patience: 500)
      throw Explanation(exit, "Stopped.\(account)")
    }
    stopped = isEndless ? nil : exit
    isStopping = true
    isExhausted = true
    pending = nil
    batch?.forgetRest()
    overdue = outstanding == 0 ? .max : LinuxPort.now + Sending.patienceAfterSignal
  }

  private mutating func giveUp() throws(Explanation) {
    let cause = isOffline ? connection.explanation.text : "The hub acknowledges nothing any more."
    connection.close()
    throw Explanation(.temporary, cause + account)
  }

  /// How far it came.
  private var account: String {
    if connection.isKept {
      return outstanding > 0 ? " \(messages(outstanding)) not acknowledged: kept for the next run." : ""
    }
    return hasConnected ? " The hub has acknowledged \(acknowledged) of \(messages(stored)) sent." : ""
  }

  private func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }
}
