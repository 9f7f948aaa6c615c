import CMote
import Mote
import MoteBytes
import MoteC
import MoteProxy
import MoteTestSupport
import Testing

/// The opaque objects of mote.h are as large as what lives in them needs.
struct ObjectSizeTests {
  /// The status of initialising in `size` bytes.
  private func session(_ size: Int) -> Int32 {
    let receiving = Memory(128)
    let outbox = Memory(128)
    // Sound: the session is not used any more when its memory goes.
    return unsafe withUnsafeTemporaryAllocation(of: mote_mqtt.self, capacity: 1) { session in
      var options = unsafe mote_mqtt_options()
      unsafe options.size = MemoryLayout<mote_mqtt_options>.size
      unsafe options.receive_buffer = receiving.region.pointer
      unsafe options.receive_capacity = 128
      unsafe options.outbox = outbox.region.pointer
      unsafe options.outbox_capacity = 128
      return unsafe mote_mqtt_init(session.baseAddress, size, &options)
    }
  }

  private func client(_ size: Int) throws -> Int32 {
    let string = Memory(Array("HostName=h;DeviceId=d;x509=true".utf8))
    let port = FakePort()
    let trust = try Trust()
    return unsafe withUnsafeTemporaryAllocation(of: mote_client.self, capacity: 1) { client in
      var options = unsafe mote_client_options()
      unsafe options.size = MemoryLayout<mote_client_options>.size
      unsafe options.connection_string = UnsafeRawPointer(string.region.pointer).assumingMemoryBound(to: CChar.self)
      unsafe options.connection_string_length = string.region.count
      unsafe options.port = port.pointer
      unsafe options.tls = trust.c
      return unsafe mote_client_init(client.baseAddress, size, &options)
    }
  }

  @Test("C's sizes are those that the header names, and aligned for 64-bit numbers")
  func header() {
    #expect(MemoryLayout<mote_mqtt>.size == Int(MOTE_MQTT_SIZE))
    #expect(MemoryLayout<mote_client>.size == Int(MOTE_CLIENT_SIZE))
    #expect(MemoryLayout<mote_journal>.size == Int(MOTE_JOURNAL_SIZE) && MemoryLayout<mote_journal>.alignment == 8)
    #expect(MemoryLayout<mote_twin>.size == Int(MOTE_TWIN_SIZE) && MemoryLayout<mote_twin>.alignment == 8)
    #expect(MemoryLayout<mote_methods>.size == Int(MOTE_METHODS_SIZE) && MemoryLayout<mote_methods>.alignment == 8)
    #expect(MemoryLayout<Twin>.size > MemoryLayout<mote_twin>.size - 8)
    #expect(MemoryLayout<Methods>.size > MemoryLayout<mote_methods>.size - 8)
    #expect(MemoryLayout<mote_call>.size == Methods.slotSize)
    #expect(MemoryLayout<mote_proxy>.size == Int(MOTE_PROXY_SIZE) && MemoryLayout<mote_proxy>.alignment == 8)
    #expect(
      MemoryLayout<ProxyPort>.size > MemoryLayout<mote_proxy>.size - 8
        && MemoryLayout<ProxyPort>.size <= MemoryLayout<mote_proxy>.size)
    #expect(
      MemoryLayout<mote_websocket>.size == Int(MOTE_WEBSOCKET_SIZE) && MemoryLayout<mote_websocket>.alignment == 8)
    #expect(
      MemoryLayout<SecureWebSocket>.size > MemoryLayout<mote_websocket>.size - 8
        && MemoryLayout<SecureWebSocket>.size <= MemoryLayout<mote_websocket>.size)
    #expect(MemoryLayout<mote_mqtt>.alignment == 8 && MemoryLayout<mote_client>.alignment == 8)
  }

  @Test("sizeof is enough, and nothing is wasted but what 32-bit and 64-bit numbers are rounded up to")
  func session() {
    let size = MemoryLayout<mote_mqtt>.size
    #expect(session(size) == MOTE_OK)
    #expect(session(size + 1) == MOTE_OK)
    #expect(session(size - 32) == MOTE_ERROR_SIZE)
    #expect(session(0) == MOTE_ERROR_SIZE)
    #expect(session(-1) == MOTE_ERROR_SIZE)
  }

  @Test("The journal's too")
  func journal() {
    let storage = unsafe mote_storage(context: nil, read: { _, _, _, _ in 0 }, write: { _, _, _, _ in 0 })
    func status(_ size: Int) -> Int32 {
      // Sound: the journal is not used any more when its memory goes.
      unsafe withUnsafeTemporaryAllocation(of: mote_journal.self, capacity: 1) { journal in
        unsafe withUnsafePointer(to: storage) { storage in
          var options = unsafe mote_journal_options()
          unsafe options.size = MemoryLayout<mote_journal_options>.size
          unsafe options.storage = storage
          unsafe options.page_size = 512
          unsafe options.page_count = 4
          return unsafe mote_journal_init(journal.baseAddress, size, &options)
        }
      }
    }
    let size = MemoryLayout<mote_journal>.size
    #expect(status(size) == MOTE_OK)
    #expect(status(size - 32) == MOTE_ERROR_SIZE)
    #expect(status(-1) == MOTE_ERROR_SIZE)
  }

  @Test("The reader's and the writer's of JSON too")
  func json() {
    #expect(MemoryLayout<mote_json_reader>.size == Int(MOTE_JSON_READER_SIZE))
    #expect(MemoryLayout<mote_json_writer>.size == Int(MOTE_JSON_WRITER_SIZE))
    let room = Memory(16)
    // Sound: neither is used any more when its memory goes.
    unsafe withUnsafeTemporaryAllocation(of: mote_json_reader.self, capacity: 1) { reader in
      func status(_ size: Int) -> Int32 {
        unsafe UnsafeMutableRawPointer(room.region.pointer).withMemoryRebound(to: CChar.self, capacity: 16) {
          unsafe mote_json_reader_init(reader.baseAddress, size, $0, 16, 32)
        }
      }
      #expect(status(MemoryLayout<mote_json_reader>.size) == MOTE_OK)
      #expect(status(MemoryLayout<mote_json_reader>.size - 8) == MOTE_ERROR_SIZE)
      #expect(status(-1) == MOTE_ERROR_SIZE)
    }
    unsafe withUnsafeTemporaryAllocation(of: mote_json_writer.self, capacity: 1) { writer in
      func status(_ size: Int) -> Int32 {
        unsafe mote_json_writer_init(writer.baseAddress, size, room.region.pointer, 16)
      }
      #expect(status(MemoryLayout<mote_json_writer>.size) == MOTE_OK)
      #expect(status(MemoryLayout<mote_json_writer>.size - 8) == MOTE_ERROR_SIZE)
      #expect(status(-1) == MOTE_ERROR_SIZE)
    }
  }

  @Test("The connection's of HTTP too")
  func http() {
    #expect(MemoryLayout<mote_http>.size == Int(MOTE_HTTP_SIZE) && MemoryLayout<mote_http>.alignment == 8)
    let receiving = Memory(128)
    let sending = Memory(128)
    // Sound: the connection is not used any more when its memory goes.
    unsafe withUnsafeTemporaryAllocation(of: mote_http.self, capacity: 1) { http in
      var options = unsafe mote_http_options()
      unsafe options.size = MemoryLayout<mote_http_options>.size
      unsafe options.receive_buffer = receiving.region.pointer
      unsafe options.receive_capacity = 128
      unsafe options.send_buffer = sending.region.pointer
      unsafe options.send_capacity = 128
      #expect(unsafe mote_http_init(http.baseAddress, MemoryLayout<mote_http>.size, &options) == MOTE_OK)
      #expect(unsafe mote_http_init(http.baseAddress, MemoryLayout<mote_http>.size - 8, &options) == MOTE_ERROR_SIZE)
      #expect(unsafe mote_http_init(http.baseAddress, -1, &options) == MOTE_ERROR_SIZE)
    }
  }

  @Test("What HTTPS needs is as large as the header says")
  func https() {
    #expect(MemoryLayout<mote_https>.size == Int(MOTE_HTTPS_SIZE) && MemoryLayout<mote_https>.alignment == 8)
    #expect(MemoryLayout<HTTPS>.size <= MemoryLayout<mote_https>.size)
    #expect(MemoryLayout<HTTPS>.size > MemoryLayout<mote_https>.size - 8)
  }

  @Test("What an upload needs is too")
  func upload() throws {
    #expect(MemoryLayout<mote_upload>.size == Int(MOTE_UPLOAD_SIZE) && MemoryLayout<mote_upload>.alignment == 8)
    #expect(MemoryLayout<Upload>.size <= MemoryLayout<mote_upload>.size - 8)
    #expect(MemoryLayout<Upload>.size > MemoryLayout<mote_upload>.size - 16)
  }

  @Test("The client's too")
  func client() throws {
    let size = MemoryLayout<mote_client>.size
    #expect(try client(size) == MOTE_OK)
    #expect(try client(size - 32) == MOTE_ERROR_SIZE)
    #expect(try client(0) == MOTE_ERROR_SIZE)
    #expect(try client(-1) == MOTE_ERROR_SIZE)
  }

  @Test("Statistics have one layout in both languages")
  func statistics() throws {
    typealias C = mote_statistics
    #expect(MemoryLayout<Statistics>.size == MemoryLayout<C>.size)
    #expect(MemoryLayout<Statistics>.stride == MemoryLayout<C>.stride)
    #expect(MemoryLayout<C>.offset(of: \.size) == 0)
    #expect(MemoryLayout<Statistics>.offset(of: \.connects) == MemoryLayout<C>.offset(of: \.connects))
    #expect(MemoryLayout<Statistics>.offset(of: \.failures) == MemoryLayout<C>.offset(of: \.failures))
    #expect(MemoryLayout<Statistics>.offset(of: \.sent) == MemoryLayout<C>.offset(of: \.sent))
    #expect(MemoryLayout<Statistics>.offset(of: \.resent) == MemoryLayout<C>.offset(of: \.resent))
    #expect(MemoryLayout<Statistics>.offset(of: \.dropped) == MemoryLayout<C>.offset(of: \.dropped))
    #expect(MemoryLayout<Statistics>.offset(of: \.received) == MemoryLayout<C>.offset(of: \.received))
    #expect(MemoryLayout<Statistics>.offset(of: \.bytesSent) == MemoryLayout<C>.offset(of: \.bytes_sent))
    #expect(MemoryLayout<Statistics>.offset(of: \.bytesReceived) == MemoryLayout<C>.offset(of: \.bytes_received))
    #expect(
      MemoryLayout<Statistics>.offset(of: \.longestGap)
        == MemoryLayout<C>.offset(of: \.longest_gap_milliseconds))
  }
}
