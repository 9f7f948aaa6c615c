import CMote
import Mote
import MoteBytes
import MoteHTTP
import MoteMQTT

/// What a client has of the hub's features, at an address that stays.
@safe final class Attachments {
  private let https: UnsafeMutablePointer<HTTPS>
  // Each holds a line of a response's head or all properties of a message.
  private let response = Memory(count: 72 * 1024)
  private let request = Memory(count: 72 * 1024)
  private let twin: UnsafeMutablePointer<Twin>
  private let methods: UnsafeMutablePointer<Methods>
  private let slots: Memory

  /// With room for as many methods at once.
  init(calls: Int) {
    // Sound: freed in deinit, and the client's owner holds this object.
    unsafe https = .allocate(capacity: 1)
    unsafe twin = .allocate(capacity: 1)
    unsafe methods = .allocate(capacity: 1)
    slots = Memory(count: calls * Methods.slotSize)
  }

  deinit {
    unsafe https.deallocate()
    unsafe twin.deallocate()
    unsafe methods.deallocate()
  }

  /// Makes the client speak HTTPS.
  func useHTTPS(
    in client: inout DeviceClient, _ session: MQTTMemory, _ settings: ConnectionSettings
  ) throws(Explanation) {
    if settings.twin != nil || settings.calls > 0 {
      throw Explanation(.usage, "\(statusText(MOTE_ERROR_OVER_HTTPS)) Leave --https out.")
    }
    var options = HTTPS.Options()
    options.pollSeconds = settings.pollSeconds
    do throws(Failure) {
      try unsafe client.use(
        https, HTTPMemory(receiving: response.region, sending: request.region), session: session, options)
    } catch {
      throw Explanation(.software, "\(statusText(error.code))")
    }
  }

  /// Attaches what was asked for. Neither can fail: the client is new.
  func attach(to client: inout DeviceClient, twin options: Twin.Options?) {
    if let options { unsafe try? client.use(twin, options) }
    if slots.region.count > 0 { unsafe try? client.use(methods, slots.region) }
  }
}
