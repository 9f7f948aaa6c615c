#if Tools

import Foundation

/// The hub's events, for whoever reads them. Nothing is kept for readers that come later.
package final class EventStream {
  /// How many there have been.
  package private(set) var count: UInt64 = 0
  private var readers: [ObjectIdentifier: EventReader] = [:]
  /// How many read along.
  package var readerCount: Int { readers.count }

  func publish(_ kind: HubEvent.Kind, of address: DeviceAddress) {
    count += 1
    if readers.isEmpty { return }
    let event = PublishedEvent(HubEvent(sequence: count, time: .now, address: address, kind: kind))
    for reader in readers.values { reader.offer(event) }
  }

  /// Begins to collect events. `isReadable` is called when there is something to take after there was nothing.
  package func subscribe(isReadable: @escaping () -> Void) -> EventReader {
    let reader = EventReader(isReadable: isReadable)
    readers[ObjectIdentifier(reader)] = reader
    return reader
  }

  /// Ends it.
  package func remove(_ reader: EventReader) {
    readers[ObjectIdentifier(reader)] = nil
  }
}

/// An event as its readers have it: what one has made of it is there for the others.
package final class PublishedEvent {
  package let event: HubEvent
  package private(set) lazy var serialised = event.json.serialised

  init(_ event: HubEvent) { self.event = event }
}

/// One reader's share of the events: what it has not taken is kept up to a bound, and what goes by is counted and told.
package final class EventReader {
  /// Most events that wait, and most bytes of their bodies.
  static let capacity = 1_000
  static let bytes = 4 << 20

  private let isReadable: () -> Void
  private var waiting: [PublishedEvent] = []
  private var taken = 0
  private var size = 0
  private var missed = 0

  init(isReadable: @escaping () -> Void) { self.isReadable = isReadable }

  /// The oldest event that waits; nil when there is none.
  package func next() -> PublishedEvent? {
    if taken < waiting.count {
      let event = waiting[taken]
      taken += 1
      size -= event.event.size
      if taken == waiting.count || taken > Self.capacity {
        waiting.removeFirst(taken)
        taken = 0
      }
      return event
    }
    guard missed > 0 else { return nil }
    defer { missed = 0 }
    return PublishedEvent(HubEvent(sequence: 0, time: .now, address: nil, kind: .missed(count: missed)))
  }

  func offer(_ event: PublishedEvent) {
    // Once something went by, the rest waits until the reader has heard of it: what it has is in order.
    if missed > 0 || waiting.count - taken == Self.capacity || size + event.event.size > Self.bytes {
      missed += 1
      return
    }
    waiting.append(event)
    size += event.event.size
    if waiting.count - taken == 1 { isReadable() }
  }
}

extension HubEvent {
  /// About what it takes in memory.
  fileprivate var size: Int {
    if case .telemetry(let message) = kind { 256 + message.size } else { 256 }
  }
}

#endif
