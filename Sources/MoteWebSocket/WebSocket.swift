// MoteWebSocket: the client's side of RFC 6455 for a protocol that is one stream of bytes, over any transport. It does no
// I/O: what it is given and what it hands out are bytes.

public import MoteBytes

/// One WebSocket connection after another, to servers that speak MQTT (RFC 6455, subprotocol `mqtt`).
///
/// What is sent is masked where it stands, handed on, and unmasked; what is received loses its frames where it stands.
/// Messages mean nothing: the stream is the payload of all binary frames.
public struct WebSocket {
  /// Bytes of memory that it works in.
  public static var memorySize: Int { 172 }
  /// In front, the key of the request and then the proof that the answer has to give, in base64; later the header of a frame
  /// that begins, or the bytes that it stands in place of for a moment.
  static var frontSize: Int { 28 }
  /// Of the front, what a frame's header and first bytes get.
  static var headSize: Int { 16 }
  /// From a control frame's start to its payload.
  static var controlHeaderSize: Int { 6 }

  let memory: Region

  // MARK: The handshake

  /// What of the request leaves next, and how much of it has left.
  var part: UInt8 = 0
  var partSent: UInt8 = 0
  /// What of the answer was right.
  var found: UInt8 = 0
  /// Bytes of the answer so far, and of its line, those without room too.
  var answerCount: UInt16 = 0
  var lineCount: UInt16 = 0
  /// The status of the server's answer, as HTTP has it; 0 while there is none.
  public internal(set) var status: UInt16 = 0

  // MARK: Sending

  /// What was offered to the transport of a data frame, and how much of that is its header.
  var offered = Region.empty
  var headerSize = 0
  /// Whether it stands in memory that is only borrowed.
  var isBorrowed = false
  /// Payload of the frame that is leaving, and how much of it has left; 0 for none.
  var frameCount = 0
  var frameSent = 0
  var key: UInt32 = 0
  /// First byte of the control frame that waits to leave, or 0; the end of its payload in the memory, and how much has left.
  var control: UInt8 = 0
  var controlEnd: UInt8 = 0
  var controlSent: UInt8 = 0
  /// Whether it was offered to the transport, so that it cannot be another any more.
  public internal(set) var isControlOffered = false
  /// Whether Close was sent or is about to be, after which nothing is.
  var isClosing = false

  // MARK: Receiving

  /// Whether the server has sent Close.
  public internal(set) var isClosed = false
  /// Whether a message has begun and not ended.
  var isFragmented = false
  /// The first byte of the frame; how many bytes of its header have come; how many its length has behind the first two.
  var first: UInt8 = 0
  var headerCount: UInt8 = 0
  var lengthSize: UInt8 = 0
  /// Bytes of the payload that are missing.
  var missing: UInt32 = 0

  /// A WebSocket that is not connected. `memory` is of ``memorySize`` bytes.
  @inline(never) public init(_ memory: Region) { self.memory = memory }

  /// Where the parts of the request stand, a line of the answer, then a control frame.
  var room: Region { memory.part(WebSocket.frontSize, WebSocket.memorySize &- WebSocket.frontSize) }

  /// Room for a byte of the answer.
  public var byte: Region { memory.part(WebSocket.memorySize &- 1, 1) }
}
