import CMote
import Mote
import MoteBytes
import MoteMQTT
import Testing

/// A client tells of every message that was dropped or has expired, in whatever step it is.
struct DroppedTests {
  private func failed(_ token: Int, _ status: Int32, at time: UInt64) -> [Int] { [token, Int(status), Int(time)] }

  /// What is told of messages.
  private func told(_ rig: Rig) -> [[Int]] {
    var told: [[Int]] = []
    while let event = rig.poll() {
      if event.kind == .failed { told.append(failed(rig.event.token, event.status, at: event.at)) }
    }
    return told
  }

  @Test("Before any connection")
  func idle() throws {
    let rig = try Rig(whenFull: .dropsNewest)
    let first = try rig.send([UInt8](repeating: 1, count: 200), expires: 6_000)
    let second = try rig.send([UInt8](repeating: 2, count: 150))
    #expect(throws: Failure.outboxFull) { try rig.send([UInt8](repeating: 3, count: 150)) }
    #expect(try rig.send([UInt8](repeating: 3, count: 150)) == second + 1)
    #expect(told(rig) == [failed(second, MOTE_ERROR_DROPPED, at: 5_000)])
    rig.now = 7_000
    #expect(told(rig) == [failed(first, MOTE_ERROR_EXPIRED, at: 7_000)])
    #expect(rig.client.statistics.dropped == 2)
  }

  @Test("While it waits for the name, TCP or TLS")
  func reaching() throws {
    let rig = try Rig()
    let first = try rig.send(expires: 6_000)
    let second = try rig.send(expires: 8_000)
    try rig.connect()
    #expect(rig.settle() == [] && rig.step == .resolve)
    rig.now = 7_000
    #expect(told(rig) == [failed(first, MOTE_ERROR_EXPIRED, at: 7_000)])
    rig.port.resolves = { 1 }
    rig.port.connects = { _ in 1 }
    #expect(rig.settle() == [] && rig.step == .handshake)
    rig.now = 9_000
    #expect(told(rig) == [failed(second, MOTE_ERROR_EXPIRED, at: 9_000)])
  }

  @Test("Within a connection, before what came is looked at")
  func working() throws {
    let rig = try Rig()
    try rig.open()
    let first = try rig.send()
    _ = rig.drain()
    let second = try rig.send(expires: 6_000)
    rig.now = 7_000
    rig.feed([0x40, 2, 0, UInt8(first)])
    #expect(rig.hear() == Heard(kind: .failed, token: second))
    #expect(rig.hear() == Heard(kind: .sent, token: first))
  }
}
