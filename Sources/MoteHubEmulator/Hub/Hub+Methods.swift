#if Tools

package import Foundation
package import NIOCore

/// Direct methods (protocol.md 8).
extension Hub {
  /// Most bytes of a payload, each way.
  package static let maximumMethodPayload = 128 * 1024

  /// Calls a method of a device. Times are in seconds: how long to wait for a device that does not take the method yet, and
  /// then for its answer. Fails with a `HubError`.
  package func invoke(
    _ name: String, payload: JSON?, connectTimeout: TimeInterval = 0, responseTimeout: TimeInterval = 30,
    on address: DeviceAddress
  ) -> EventLoopFuture<MethodAnswer> {
    do {
      try checkCall(name, payload, on: address)
    } catch {
      return eventLoop.makeFailedFuture(error)
    }
    let promise = eventLoop.makePromise(of: MethodAnswer.self)
    let call = calls.add(name, payload, to: address, promise, responseTimeout: responseTimeout)
    if links[address]?.takesMethod(name) == true {
      hand(call)
    } else if connectTimeout > 0 {
      wait(connectTimeout, for: call) { HubError.notOnline(address) }
    } else {
      fail(call, HubError.notOnline(address))
    }
    return promise.futureResult
  }

  /// A device takes methods now: those that wait for it are handed over.
  package func methodsAreTaken(by link: any DeviceLink) {
    for call in calls.waiting(for: link.address) where link.takesMethod(call.name) { hand(call) }
  }

  /// A device answers a call. An answer that nobody waits for any more is dropped, as the service does.
  package func answer(_ requestId: String, status: Int, payload: [UInt8], from address: DeviceAddress) {
    activities[address]?.lastActivityTime = .now
    guard let call = calls.remove(requestId, of: address) else { return }
    do {
      let payload: JSON? = payload.isEmpty ? .none : try JSON.parse(payload)
      events.publish(
        .method(.answered(name: call.name, requestId: requestId, status: status, payload: payload)), of: address)
      call.end(.success(MethodAnswer(status: status, payload: payload)))
    } catch {
      fail(call, HubError(502, 502_001, "BadDeviceResponse", "\(address) answered with what is not JSON: \(error)"))
    }
  }

  private func checkCall(_ name: String, _ payload: JSON?, on address: DeviceAddress) throws {
    let forbidden = "$()<>@,;:\\\"/[]?={}"
    guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !name.contains(where: forbidden.contains)
    else { throw HubError.argumentInvalid("A method's name has printable ASCII characters, without \(forbidden)") }
    if let payload, payload.serialised.count > Self.maximumMethodPayload {
      throw HubError.tooLarge("A method's payload has at most \(Self.maximumMethodPayload) bytes.")
    }
    guard try store.identity(address) != nil else { throw HubError.notFound(address) }
  }

  private func hand(_ call: PendingCall) {
    call.timer?.cancel()
    call.isHanded = true
    let address = call.address
    wait(call.responseTimeout, for: call) {
      .timedOut("\(address) has not answered in \(call.responseTimeout) s.")
    }
    events.publish(
      .method(.invoked(name: call.name, requestId: call.requestId, payload: call.payload)), of: address)
    links[address]?.invoke(MethodCall(name: call.name, requestId: call.requestId, payload: call.payload))
  }

  private func wait(_ seconds: TimeInterval, for call: PendingCall, _ error: @escaping () -> HubError) {
    let delay = TimeAmount.nanoseconds(Int64(seconds * 1e9))
    call.timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      self?.fail(call, error())
    }
  }

  private func fail(_ call: PendingCall, _ error: HubError) {
    _ = calls.remove(call.requestId, of: call.address)
    events.publish(.method(.failed(name: call.name, requestId: call.requestId, error)), of: call.address)
    call.end(.failure(error))
  }
}

/// A call that waits: for its device, or for the answer.
final class PendingCall {
  let name: String
  let requestId: String
  let payload: JSON?
  let address: DeviceAddress
  let responseTimeout: TimeInterval
  /// Whether the device has it.
  var isHanded = false
  var timer: Scheduled<Void>?
  private let promise: EventLoopPromise<MethodAnswer>

  init(
    _ name: String, _ requestId: String, _ payload: JSON?, _ address: DeviceAddress, _ responseTimeout: TimeInterval,
    _ promise: EventLoopPromise<MethodAnswer>
  ) {
    self.name = name
    self.requestId = requestId
    self.payload = payload
    self.address = address
    self.responseTimeout = responseTimeout
    self.promise = promise
  }

  func end(_ result: Result<MethodAnswer, any Error>) {
    timer?.cancel()
    promise.completeWith(result)
  }
}

/// The calls that wait, by their request identifiers.
struct PendingCalls {
  private var calls: [String: PendingCall] = [:]
  private var last: UInt64 = 0

  mutating func add(
    _ name: String, _ payload: JSON?, to address: DeviceAddress, _ promise: EventLoopPromise<MethodAnswer>,
    responseTimeout: TimeInterval
  ) -> PendingCall {
    last += 1
    let requestId = String(last, radix: 16)
    let call = PendingCall(name, requestId, payload, address, responseTimeout, promise)
    calls[requestId] = call
    return call
  }

  func waiting(for address: DeviceAddress) -> [PendingCall] {
    calls.values.filter { $0.address == address && !$0.isHanded }
  }

  /// Takes a call out that this device has.
  mutating func remove(_ requestId: String, of address: DeviceAddress) -> PendingCall? {
    guard let call = calls[requestId], call.address == address else { return nil }
    calls[requestId] = nil
    return call
  }

  /// Fails what a device had when it went away.
  mutating func fail(of address: DeviceAddress, _ error: HubError) {
    for call in calls.values where call.address == address && call.isHanded {
      calls[call.requestId] = nil
      call.end(.failure(error))
    }
  }

  mutating func failAll(_ error: HubError) {
    let all = calls.values
    calls = [:]
    for call in all { call.end(.failure(error)) }
  }
}

#endif
