import Mote
import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// Use of the client that would otherwise read what is not there.
struct StaleTests {
  @Test("A message is sent once, and not after the outbox has changed")
  func stale() throws {
    let rig = try Rig()
    let payload: [UInt8] = [1]
    let first = rig.client.compose()
    let second = rig.client.compose()
    #expect(status { () throws(Failure) in _ = try rig.client.send(first, payload: payload.span) } == nil)
    #expect(status { () throws(Failure) in _ = try rig.client.send(first, payload: payload.span) } == .state)
    #expect(status { () throws(Failure) in _ = try rig.client.send(second, payload: payload.span) } == .state)
    let third = rig.client.compose()
    #expect(status { () throws(Failure) in _ = try rig.client.send(third, payload: payload.span) } == nil)
  }

  @Test("Memory that is too small is refused")
  func small() throws {
    let rig = try Rig(hasMemory: false)
    let memory = Memory(MQTTMemory.leastBuffer - 1)
    let limits = MQTTMemory(receiving: memory.region, outbox: memory.region)
    #expect(status { () throws(Failure) in try rig.client.use(limits) } == .tooSmall)
  }

  /// How `body` ends.
  private func status(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
      try body()
    } catch {
      return error
    }
    return nil
  }
}
