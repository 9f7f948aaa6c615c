import MoteBytes
import MoteMQTT

/// What a feature is asked or told, and about what.
enum Moment: Int32 {
  /// Appends its filters: ``Filters``.
  case subscribing
  /// Takes the first piece of a message, whose topic is the event's name. 1: it did.
  case message
  /// Takes another piece of the message that it took: the event.
  case piece
  /// Does what is due, while it is subscribed; lowers the event's deadline, or 1: the event is something to tell.
  case turn
  /// The connection has ended.
  case ended
  /// Answers a method: ``MethodResponse``. A status, or 1 for done.
  case respond
  /// Takes a request to the twin: ``TwinRequest``. A status, or 1 for done.
  case request
  /// Says how the next message that is accepted is settled: ``HTTPS/Settlement``. 1: done.
  case settle
  /// Writes the tracking identifier of the hub's last refusal: a writer. 1: done.
  case tracking
}

/// A feature of the hub: a function, and the feature that was attached before. It stands at the start of the feature's own
/// state. Only attaching a feature refers to its code, so that one that is not attached costs nothing.
@safe struct Feature {
  /// The result: 0 to go on with the next feature.
  typealias Function =
    @convention(c) (
      _ state: UnsafeMutableRawPointer, _ client: UnsafeMutableRawPointer, _ moment: Int32,
      _ subject: UnsafeMutableRawPointer
    ) -> Int32

  fileprivate let function: Function
  fileprivate var next: UnsafeMutablePointer<Feature>?

  /// Unsafe, because the compiler cannot see what the function does with what it gets.
  @unsafe init(_ function: Function) {
    unsafe self.function = function
    unsafe next = nil
  }
}

/// The features that a client has, the last one first.
@safe struct Features {
  private var first: UnsafeMutablePointer<Feature>?

  init() { unsafe first = nil }

  var isEmpty: Bool { unsafe first == nil }

  /// Attaches a feature. Unsafe, because it must stay where it is, with its state.
  @unsafe mutating func attach(_ feature: UnsafeMutablePointer<Feature>) {
    unsafe feature.pointee.next = first
    unsafe first = feature
  }

  /// Whether there is one that does what `feature` does.
  @inline(never) func contains(_ feature: Feature) -> Bool {
    var next = unsafe first
    while let other = unsafe next {
      // Sound: it is the function's address, to be compared.
      if unsafe unsafeBitCast(other.pointee.function, to: UInt.self) == unsafeBitCast(feature.function, to: UInt.self) {
        return true
      }
      unsafe next = other.pointee.next
    }
    return false
  }

  /// Tells them of a moment, up to the first that answers. Its answer, or 0.
  @inline(never) fileprivate static func ask(
    _ client: UnsafeMutablePointer<DeviceClient>, _ moment: Int32, _ subject: UnsafeMutableRawPointer
  ) -> Int32 {
    var next = unsafe client.pointee.features.first
    while let feature = unsafe next {
      let answer = unsafe feature.pointee.function(feature, client, moment, subject)
      if answer != 0 { return answer }
      unsafe next = feature.pointee.next
    }
    return 0
  }
}

extension DeviceClient {
  /// Tells the features of a moment, with its subject, up to the first that answers. Its answer, or 0.
  mutating func ask<Subject>(_ moment: Moment, _ subject: inout Subject) -> Int32 {
    // Sound: both are used within the call, and by one feature after the other.
    unsafe withUnsafeMutablePointer(to: &self) { client in
      unsafe withUnsafeMutablePointer(to: &subject) { unsafe Features.ask(client, moment.rawValue, $0) }
    }
  }
}

/// The filters of a SUBSCRIBE that is being written.
struct Filters {
  var writer: Writer
  var count = 0

  init(_ writer: Writer) { self.writer = writer }

  /// Appends a filter, at quality of service 0.
  mutating func append(_ filter: StaticString) {
    writer.appendField(filter.bytes)
    writer.append(0)
    count &+= 1
  }
}
