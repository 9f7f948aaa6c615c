import CMote
import Mote
import Testing

/// When an upload goes on, and how much it does at a time.
struct UploadWaitTests {
  @Test("Who gives up while a busy storage is left alone does not wait: the hub is told at once")
  func cancelledWait() throws {
    let device = try UploadDevice()
    try device.begin([UInt8](repeating: 7, count: 1_000))
    _ = device.exchange(503, "Retry-After: 3600\r\n")
    #expect(device.hear()?.kind == .retrying)
    #expect(device.event.deadline >= device.now + 3_600_000)
    device.now += 1_000
    try device.cancel()
    #expect(device.exchange(204) == UploadTests.notice(false, 0, MOTE_ERROR_UPLOAD_CANCELLED))
    #expect(device.hear()?.status == MOTE_ERROR_UPLOAD_CANCELLED)
  }

  @Test("A poll does one step of the handshake, and no more")
  func handshake() throws {
    let device = try UploadDevice()
    device.server.handshakes = 5
    try device.start([7])
    var polls = 0
    while device.server.outgoing.isEmpty {
      let before = device.server.steps
      #expect(!device.pollOnce())
      #expect(device.server.steps <= before + 1)
      #expect(device.event.deadline <= device.now || !device.server.outgoing.isEmpty)
      polls += 1
    }
    #expect(polls > 5)
  }

  @Test("However long the first wait, no later one is shorter")
  func longWaits() throws {
    let device = try UploadDevice(retry: 131_072, attempts: 40)
    try device.start([7])
    for _ in 0..<20 {
      _ = device.exchange(503)
      #expect(device.hear()?.kind == .retrying)
      #expect(device.event.deadline >= device.now + 65_536)
      device.now = device.event.deadline
    }
  }
}
