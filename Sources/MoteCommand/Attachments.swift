import Mote
import MoteBytes

/// What a client has of the hub's features, at an address that stays.
@safe final class Attachments {
  private let twin: UnsafeMutablePointer<Twin>
  private let methods: UnsafeMutablePointer<Methods>
  private let slots: Memory

  /// With room for as many methods at once.
  init(calls: Int) {
    // Sound: freed in deinit, and the client's owner holds this object.
    unsafe twin = .allocate(capacity: 1)
    unsafe methods = .allocate(capacity: 1)
    slots = Memory(count: calls * Methods.slotSize)
  }

  deinit {
    unsafe twin.deallocate()
    unsafe methods.deallocate()
  }

  /// Attaches what was asked for. Neither can fail: the client is new.
  func attach(to client: inout DeviceClient, twin options: Twin.Options?) {
    if let options { unsafe try? client.use(twin, options) }
    if slots.region.count > 0 { unsafe try? client.use(methods, slots.region) }
  }
}
