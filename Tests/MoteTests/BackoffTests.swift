import CMote
import MoteTestSupport
import Testing

@testable import Mote

/// How long each end of a connection makes a client wait.
struct BackoffTests {
  private func wait(
    _ backoff: inout Backoff, _ status: Int32, lasted: UInt64? = nil, random: UInt32 = .max
  ) -> UInt64? {
    var status = status
    let isSoon = lasted.map { backoff.ended(after: $0) } ?? false
    return backoff.wait(after: &status, isSoon: isSoon, random: random)
  }

  @Test("Each wait is between half of a limit and all of it; the limit doubles from a second to a minute")
  func doubling() throws {
    var backoff = Backoff(.init())
    for limit: UInt64 in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000] {
      var (least, middle, most) = (backoff, backoff, backoff)
      #expect(wait(&least, MOTE_ERROR_TIMED_OUT, random: 0) == limit / 2)
      #expect(try #require(wait(&middle, MOTE_ERROR_TIMED_OUT, random: 0x8000_0000)) == limit * 3 / 4)
      let longest = try #require(wait(&most, MOTE_ERROR_TIMED_OUT))
      #expect(longest <= limit && longest > limit - 2)
      backoff = most
    }
  }

  @Test("Limits are the caller's, the widest too")
  func limits() {
    var limits = Backoff.Limits()
    limits.base = 10
    limits.most = 35
    var backoff = Backoff(limits)
    #expect((0..<4).map { _ in wait(&backoff, MOTE_ERROR_RESET) } == [9, 19, 34, 34])
    limits.base = .max
    limits.most = .max
    backoff = Backoff(limits)
    #expect(wait(&backoff, MOTE_ERROR_RESET, random: 0) == UInt64(UInt32.max) / 2)
    #expect(wait(&backoff, MOTE_ERROR_CERTIFICATE_HOST, random: 0) == UInt64(UInt32.max) * 5)
    limits.base = 100
    limits.most = 50
    backoff = Backoff(limits)
    #expect(wait(&backoff, MOTE_ERROR_RESET, random: 0) == 25)
  }

  @Test("A connection that lasted a minute begins the doubling anew; a shorter one does not")
  func stable() {
    var backoff = Backoff(.init())
    for _ in 0..<4 { _ = wait(&backoff, MOTE_ERROR_TIMED_OUT) }
    #expect(wait(&backoff, MOTE_ERROR_MQTT_KEEP_ALIVE, lasted: 59_999, random: 0) == 8_000)
    #expect(wait(&backoff, MOTE_ERROR_MQTT_KEEP_ALIVE, lasted: 60_000, random: 0) == 500)
    #expect(wait(&backoff, MOTE_ERROR_MQTT_KEEP_ALIVE, random: 0) == 1_000)
  }

  @Test(
    "What is wrong with the configuration is not tried again",
    arguments: [
      MOTE_ERROR_ARGUMENT, MOTE_ERROR_TLS_CREDENTIALS, MOTE_ERROR_TLS_LIBRARY, MOTE_ERROR_REFUSED_PROTOCOL,
      MOTE_ERROR_REFUSED_IDENTIFIER, MOTE_ERROR_SUBSCRIPTION_REFUSED, MOTE_ERROR_TOO_LARGE,
    ])
  func configuration(_ status: Int32) {
    var backoff = Backoff(.init())
    #expect(wait(&backoff, status) == nil)
  }

  @Test(
    "What may pass is tried again",
    arguments: [
      MOTE_ERROR_NAME_NOT_FOUND, MOTE_ERROR_NAME_SERVER, MOTE_ERROR_REFUSED, MOTE_ERROR_UNREACHABLE, MOTE_ERROR_RESET,
      MOTE_ERROR_CLOSED, MOTE_ERROR_TIMED_OUT, MOTE_ERROR_NETWORK, MOTE_ERROR_NO_TIME, MOTE_ERROR_NO_ENTROPY,
      MOTE_ERROR_SIGNING, MOTE_ERROR_TLS, MOTE_ERROR_TLS_MEMORY, MOTE_ERROR_TLS_VERSION, MOTE_ERROR_TLS_ALERT,
      MOTE_ERROR_MQTT_KEEP_ALIVE, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, MOTE_ERROR_REFUSED_UNAVAILABLE,
      MOTE_ERROR_MQTT_PACKET_TYPE, MOTE_ERROR_SOURCE_STALLED, MOTE_ERROR_SOURCE_FAILED,
    ])
  func retried(_ status: Int32) {
    var backoff = Backoff(.init())
    #expect(wait(&backoff, status, random: 0) == 500)
  }

  @Test(
    "A certificate that is not accepted is tried ten times as slowly as anything else",
    arguments: [
      MOTE_ERROR_CERTIFICATE_EXPIRED, MOTE_ERROR_CERTIFICATE_NOT_YET_VALID, MOTE_ERROR_CERTIFICATE_HOST,
      MOTE_ERROR_CERTIFICATE_UNTRUSTED, MOTE_ERROR_CERTIFICATE_REJECTED, MOTE_ERROR_TLS_RECORD_SIZE,
    ])
  func slow(_ status: Int32) {
    var backoff = Backoff(.init())
    #expect(wait(&backoff, status, random: 0) == 300_000)
  }

  @Test("A refused token is tried once more with another, then slowly, until one is accepted")
  func refused() {
    for status in [MOTE_ERROR_REFUSED_CREDENTIALS, MOTE_ERROR_REFUSED_AUTHORISATION] {
      var backoff = Backoff(.init())
      #expect(wait(&backoff, status, random: 0) == 500)
      #expect(wait(&backoff, status, random: 0) == 300_000)
      #expect(wait(&backoff, MOTE_ERROR_RESET, random: 0) == 2_000)
      #expect(wait(&backoff, status, random: 0) == 300_000)
      backoff.accepted()
      #expect(wait(&backoff, status, random: 0) == 8_000)
    }
  }

  @Test("A hub that closes soon after it accepted, three times in a row, is taken for one with another client")
  func displaced() {
    var backoff = Backoff(.init())
    var told: [Int32] = []
    func close(_ lasted: UInt64?, _ status: Int32 = MOTE_ERROR_CLOSED) -> UInt64? {
      var status = status
      defer { told.append(status) }
      let isSoon = lasted.map { backoff.ended(after: $0) } ?? false
      return backoff.wait(after: &status, isSoon: isSoon, random: 0)
    }
    #expect(close(900) == 500)
    // Attempts that fail otherwise do not hide it.
    #expect(close(nil, MOTE_ERROR_TIMED_OUT) == 1_000)
    #expect(close(nil, MOTE_ERROR_RESET) == 2_000)
    #expect(close(900) == 4_000)
    #expect(close(900, MOTE_ERROR_RESET) == 30_000)
    // The other one waits as long, and then displaces this one.
    #expect(close(61_000) == 30_000)
    #expect(close(119_999) == 30_000)
    #expect(close(120_000) == 500)
    #expect(close(1) == 1_000)
    #expect(close(1) == 2_000)
    #expect(close(1) == 30_000)
    let displaced = MOTE_ERROR_DISPLACED
    #expect(
      told == [
        MOTE_ERROR_CLOSED, MOTE_ERROR_TIMED_OUT, MOTE_ERROR_RESET, MOTE_ERROR_CLOSED, displaced, displaced, displaced,
        MOTE_ERROR_CLOSED, MOTE_ERROR_CLOSED, MOTE_ERROR_CLOSED, displaced,
      ])
  }

  @Test("A token that is renewed costs no wait, and counts for how long the connection lasted")
  func renewed() {
    var backoff = Backoff(.init())
    for _ in 0..<3 { _ = wait(&backoff, MOTE_ERROR_TIMED_OUT) }
    #expect(wait(&backoff, MOTE_ERROR_TOKEN_EXPIRES, lasted: 48_000) == 0)
    #expect(wait(&backoff, MOTE_ERROR_CLOSED, lasted: 1, random: 0) == 4_000)
    #expect(wait(&backoff, MOTE_ERROR_TOKEN_EXPIRES, lasted: 2_900_000) == 0)
    // What was soon closed before has nothing to do with it.
    #expect(wait(&backoff, MOTE_ERROR_CLOSED, lasted: 1, random: 0) == 500)
  }
}
