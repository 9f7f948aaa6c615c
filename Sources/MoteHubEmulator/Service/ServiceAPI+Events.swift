#if Tools

import NIOCore
import NIOHTTP1

/// The hub's events as they happen, as server-sent events: `id` is the event's number, `data` its JSON. With the query's
/// `device` (and `module`) those of one identity only. A reader that is too slow is told how many it has missed.
extension ServiceAPI {
  func addEvents(to router: inout Router) {
    router.on(.GET, "/emulator/events") { request in
      Answer.stream(["Content-Type": "text/event-stream; charset=utf-8"]) { stream in
        EventWriter(stream, hub, device: request.query["device"], module: request.query["module"]).begin()
      }
    }
  }
}

/// Writes events to one reader. The stream holds it until that is closed.
private final class EventWriter {
  /// How often a comment says that the hub is there.
  private static let signOfLife = TimeAmount.seconds(15)

  private let stream: HTTPStream
  private let hub: Hub
  private let device: String?
  private let module: String?
  private var reader: EventReader?
  private var timer: Scheduled<Void>?

  init(_ stream: HTTPStream, _ hub: Hub, device: String?, module: String?) {
    self.stream = stream
    self.hub = hub
    self.device = device
    self.module = module
  }

  func begin() {
    reader = hub.events.subscribe { [unowned self] in write() }
    stream.whenWritable = { self.write() }
    stream.whenClosed = { self.end() }
    showLife()
  }

  private func write() {
    while stream.isWritable, let next = reader?.next() {
      if let address = next.event.address, !isWanted(address) { continue }
      stream.write(Array("id: \(next.event.sequence)\ndata: ".utf8) + next.serialised + Array("\n\n".utf8))
    }
  }

  private func isWanted(_ address: DeviceAddress) -> Bool {
    (device == nil || device == address.device) && (module == nil || module == address.module)
  }

  private func showLife() {
    if stream.isWritable { stream.write(Array(": \n\n".utf8)) }
    timer = hub.eventLoop.assumeIsolated().scheduleTask(in: Self.signOfLife) { [weak self] in self?.showLife() }
  }

  private func end() {
    timer?.cancel()
    if let reader { hub.events.remove(reader) }
  }
}

#endif
