import CMote
import MoteBytes
import MoteC
import MoteTestSupport
import Testing

/// A client of mote.h over a fake port.
@safe final class Handle {
  /// What is out of the ordinary in its options.
  enum Oddity {
    case none, size, noString, negativeLength, noPort, noTLS, endpointLength, portNumber(UInt32), receives(Int32), signs
  }

  private let trust: Trust
  private let text: Memory
  private let memory = (receiving: Memory(512), outbox: Memory(512))
  private let client: UnsafeMutablePointer<mote_client>
  private let event: UnsafeMutablePointer<mote_event>
  let port = FakePort()
  /// What initialising said.
  private(set) var status: Int32 = 0

  init(
    _ string: String = "HostName=h.example;DeviceId=d;SharedAccessKey=" + Rig.key,
    oddity: Oddity = .none
  ) throws {
    trust = try Trust()
    text = Memory(Array(string.utf8))
    unsafe client = .allocate(capacity: 1)
    unsafe client.initialize(to: mote_client())
    unsafe event = .allocate(capacity: 1)
    unsafe event.initialize(to: mote_event())
    var options = unsafe mote_client_options()
    unsafe options.size = MemoryLayout<mote_client_options>.size
    unsafe options.connection_string = UnsafeRawPointer(text.region.pointer).assumingMemoryBound(to: CChar.self)
    unsafe options.connection_string_length = text.region.count
    unsafe options.port = port.pointer
    unsafe options.tls = trust.c
    switch oddity {
    case .none: break
    case .size: unsafe options.size = 0
    case .noString: unsafe options.connection_string = nil
    case .negativeLength: unsafe options.connection_string_length = -1
    case .noPort: unsafe options.port = nil
    case .noTLS: unsafe options.tls = nil
    case .endpointLength: unsafe options.endpoint_length = 3
    case .portNumber(let number): unsafe options.endpoint_port = number
    case .receives(let value): unsafe options.receives_messages = value
    case .signs: unsafe options.sign = { (_, _, _, _) in 0 }
    }
    status = unsafe mote_client_init(client, MemoryLayout<mote_client>.size, &options)
  }

  deinit {
    unsafe client.deallocate()
    unsafe event.deallocate()
  }

  func useMQTT(receiving: Int = 512, window: UInt32 = 0) -> Int32 {
    var options = unsafe mote_mqtt_options()
    unsafe options.size = MemoryLayout<mote_mqtt_options>.size
    unsafe options.receive_buffer = memory.receiving.region.pointer
    unsafe options.receive_capacity = receiving
    unsafe options.outbox = memory.outbox.region.pointer
    unsafe options.outbox_capacity = 512
    unsafe options.window = window
    return unsafe mote_use_mqtt(client, &options)
  }

  func connect(_ now: UInt64 = 0) -> Int32 { unsafe mote_connect(client, now) }
  func disconnect(_ now: UInt64 = 0) -> Int32 { unsafe mote_disconnect(client, now) }
  func hold() -> Int32 { unsafe mote_hold(client) }
  func accept() -> Int32 { unsafe mote_accept(client, 1) }
  func lastError() -> Int32 {
    var error = mote_error()
    return unsafe mote_client_last_error(client, &error)
  }
  var sizeNeeded: Int { unsafe mote_client_size_needed(client) }

  /// The result, and the event's kind, step and status.
  func poll(_ now: UInt64 = 0) -> [Int32] {
    let result = unsafe mote_poll(client, now, event)
    return unsafe [result, event.pointee.kind, event.pointee.step, event.pointee.status]
  }

  func send(_ payload: [UInt8] = [1, 2, 3], properties: [(String, String?)] = []) -> Int32 {
    let bytes = Memory(payload)
    let names = properties.map { Memory(Array($0.0.utf8)) }
    let values = properties.map { $0.1.map { Memory(Array($0.utf8)) } }
    let list = unsafe zip(names, values).map { (name, value) in
      unsafe mote_property(
        name: name.chars, name_length: name.region.count, value: value?.chars, value_length: value?.region.count ?? 0)
    }
    return unsafe list.withUnsafeBufferPointer { (list) -> Int32 in
      var telemetry = unsafe mote_telemetry()
      unsafe telemetry.size = MemoryLayout<mote_telemetry>.size
      unsafe telemetry.payload = UnsafePointer(bytes.region.pointer)
      unsafe telemetry.payload_length = payload.count
      unsafe telemetry.properties = list.baseAddress
      unsafe telemetry.property_count = properties.count
      return unsafe mote_send(client, &telemetry)
    }
  }
}

extension Memory {
  @unsafe var chars: UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(region.pointer).assumingMemoryBound(to: CChar.self)
  }
}
