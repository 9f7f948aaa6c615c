public import MoteBytes

/// What the hub says of a request that it refuses, as the bytes of its answer go by, in pieces of any size. Both forms are known:
/// `{"errorCode":404001,"trackingId":"…",…}` and `{"Message":"ErrorCode:…","ExceptionMessage":"Tracking ID:…"}`.
public struct HubProblem {
  /// The hub's number for it, status and three digits; 0 while there is none.
  public private(set) var code: Int32 = 0
  /// How many bytes the tracking identifier has.
  public private(set) var trackingCount: UInt8 = 0
  /// What Microsoft's support asks for: letters, digits and dashes.
  public private(set) var tracking: InlineArray<40, UInt8> = .init(repeating: 0)

  /// How far into each of the texts in front of a value the bytes have come.
  private var places: InlineArray<3, UInt8> = .init(repeating: 0)
  private var reading = Value.none

  private enum Value: UInt8 {
    case none
    case code
    case tracking
  }

  public init() {}

  /// What stands before a value, without white space.
  private static func text(_ index: Int) -> StaticString {
    switch index {
    case 0: "\"errorCode\":"
    case 1: "\"trackingId\":\""
    default: "TrackingID:"
    }
  }

  /// Takes the next bytes.
  @inline(never) public mutating func take(_ bytes: Span<UInt8>) {
    for index in bytes.indices { take(bytes[index]) }
  }

  @inline(__always) private mutating func take(_ byte: UInt8) {
    if byte <= UInt8(ascii: " ") { return }
    let digit = Int32(byte &- UInt8(ascii: "0"))
    switch reading {
    case .none: break
    case .code:
      if digit < 10 && code < 100_000_000 {
        code = code &* 10 &+ digit
        return
      }
      reading = .none
    case .tracking:
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      if (letter < 26 || digit < 10 || byte == UInt8(ascii: "-")) && trackingCount < 40 {
        tracking[Int(trackingCount)] = byte
        trackingCount &+= 1
        return
      }
      reading = .none
    }
    for index in 0..<3 {
      let text = HubProblem.text(index).bytes
      let place = Int(places[index])
      places[index] = text[place] == byte ? UInt8(truncatingIfNeeded: place &+ 1) : text[0] == byte ? 1 : 0
      guard places[index] == text.count else { continue }
      places[index] = 0
      // The first of each is the one.
      if index == 0 && code == 0 { reading = .code }
      if index > 0 && trackingCount == 0 { reading = .tracking }
    }
  }
}

extension Writer {
  /// Appends the tracking identifier of a refusal.
  public mutating func appendTracking(of problem: HubProblem) {
    let text = problem.tracking
    append(text.span.extracting(first: Int(problem.trackingCount)))
  }
}
