import CMote
import MoteC
import Testing

/// Every function of a client called from within each of its port's functions: refused, and nothing changes.
struct ReentryTests {
  /// What each function of `handle` says.
  private func all(_ handle: Handle) -> [Int32] {
    [
      handle.useMQTT(), handle.connect(), handle.disconnect(), handle.poll()[0], handle.send(), handle.hold(),
      handle.accept(), handle.lastError(),
    ]
  }

  @Test("From resolve, connect, send, receive, close, entropy and wall_seconds")
  func port() throws {
    let handle = try Handle()
    #expect(handle.useMQTT() == MOTE_OK)
    handle.port.resolves = { 2 }
    handle.port.connects = { $0 == 0 ? MOTE_ERROR_REFUSED : 1 }
    handle.port.receives = { _ in (MOTE_ERROR_RESET, []) }
    var seen: Set<String> = []
    handle.port.during = { [unowned handle] call in
      seen.insert("\(call)".prefix { $0 != "(" }.description)
      #expect(all(handle) == [Int32](repeating: MOTE_ERROR_REENTERED, count: 8), "\(call)")
      #expect(handle.sizeNeeded == 0)
    }
    #expect(handle.connect() == MOTE_OK)
    var told: [Int32] = [0]
    for _ in 0..<100 where told[0] == 0 { told = handle.poll() }
    #expect(told == [1, MOTE_EVENT_DISCONNECTED, MOTE_STEP_HANDSHAKE, MOTE_ERROR_RESET])
    #expect(seen == ["resolve", "connect", "send", "receive", "close", "entropy", "wallSeconds"])
    #expect(handle.connect() == MOTE_OK)
  }

  @Test("From close, when it was asked to leave")
  func leaving() throws {
    let handle = try Handle()
    #expect(handle.useMQTT() == MOTE_OK)
    #expect(handle.connect() == MOTE_OK)
    #expect(handle.poll()[0] == 0)
    var results: [Int32] = []
    handle.port.during = { [unowned handle] _ in results = all(handle) }
    #expect(handle.disconnect() == MOTE_OK)
    #expect(results == [Int32](repeating: MOTE_ERROR_REENTERED, count: 8))
    handle.port.during = { _ in }
    #expect(handle.poll() == [1, MOTE_EVENT_DISCONNECTED, MOTE_STEP_RESOLVE, MOTE_OK])
  }
}
