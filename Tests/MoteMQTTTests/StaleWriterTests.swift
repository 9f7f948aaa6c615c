import MoteBytes
import MoteMQTT
import MoteTestSupport
import Testing

/// A packet that was composed before the outbox changed.
struct StaleWriterTests {
  /// A writer that something else has been stored in front of.
  private func stale(_ bench: Bench) throws -> Writer {
    var writer = bench.session.compose()
    writer.append(UInt8(ascii: "t"))
    try bench.publish("devices/d/messages/events/", [UInt8](repeating: 1, count: 100))
    return writer
  }

  @Test("It is refused, and nothing is stored")
  func refused() throws {
    let bench = Bench()
    try bench.connect()
    let writer = try stale(bench)
    #expect(throws: Failure.invalidTopic) { try bench.session.publish(writer, payload: [UInt8]().span, .acknowledged) }
    #expect(throws: Failure.invalidTopic) { try bench.session.publish(writer, pieces: 10, .none) }
    #expect(throws: Failure.invalidTopic) { try bench.session.subscribe(writer, filters: 1) }
    #expect(bench.packets().count == 1)
  }
}
