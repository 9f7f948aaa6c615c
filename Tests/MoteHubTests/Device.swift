import CMote
import MoteBytes
import MoteHub
import MoteTestSupport

/// An identity with the memory of its connection string. What is written for it is written here, within its life.
final class Device {
  private let memory: Memory
  let identity: Identity

  init(_ connectionString: String) throws(Failure) {
    memory = Memory(Array(connectionString.utf8))
    identity = try Identity(connectionString: memory.region)
  }

  init(bytes: [UInt8]) throws(Failure) {
    memory = Memory(bytes)
    identity = try Identity(connectionString: memory.region)
  }

  var host: String { identity.host.text }
  var name: String { identity.device.text }
  var module: String { identity.module.text }
  var key: String { identity.key.text }
  var gateway: String { identity.gateway.text }
  var peer: String { identity.peer.text }

  /// What `write` appends with `capacity` bytes of room, or nil when it does not fit; and how much room it asks for.
  func written(capacity: Int = 2_048, _ write: (inout Writer, Identity) -> Bool) -> Written {
    let room = Memory(capacity)
    var writer = Writer(room.region)
    let succeeded = write(&writer, identity)
    return Written(
      text: succeeded && writer.fits ? writer.written.text : nil, count: writer.count, succeeded: succeeded)
  }

  /// The text of what `write` appends.
  func text(_ write: (inout Writer, Identity) -> Void) -> String? {
    written { (writer, identity) in
      write(&writer, identity)
      return true
    }.text
  }

  /// A token signed with the connection string's own key.
  func token(_ expiry: UInt64, capacity: Int = 2_048) -> Written {
    written(capacity: capacity) { $0.appendToken(for: $1, signer: Signer(key: $1.key), expiry: expiry) }
  }

  /// The property bag of a topic.
  func bag(_ topic: String) -> String? {
    let memory = Memory(Array(topic.utf8))
    return identity.deviceBoundBag(memory.region).map(\.text)
  }
}

/// What became of writing.
struct Written: Equatable {
  var text: String?
  var count: Int
  var succeeded: Bool
}

extension Region {
  /// The bytes as text.
  var text: String { String(decoding: (0..<count).map { self[$0] }, as: UTF8.self) }
}

/// Why a connection string is refused, or nil.
func refusal(_ connectionString: String) -> Failure? { refusal(bytes: Array(connectionString.utf8)) }

func refusal(bytes: [UInt8]) -> Failure? {
  do throws(Failure) {
    _ = try Device(bytes: bytes)
    return nil
  } catch {
    return error
  }
}

/// Keys of a known length.
enum Key {
  static let bytes16 = "MDEyMzQ1Njc4OWFiY2RlZg=="
  static let bytes32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  static let bytes64 =
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
}
