import CMote
import MoteBytes
import MoteHub

/// Asks a hub over HTTPS how it stands with a device, where MQTT only closes.
///
/// The request changes nothing: it gives back (abandons) a message whose lock nobody ever had, so that a hub that admits the
/// device answers that there is no such lock. To receive instead would take a message from the queue for a minute.
struct Question {
  private static let lock = "00000000-0000-0000-0000-000000000000"
  /// The longest answer that is read.
  private static let longest = 16 * 1024

  private let request: Memory
  private let count: Int

  /// A request with a token that is good until `expiry`; nil when that cannot be signed.
  init?(_ device: Device, expiry: UInt64) {
    let identity = device.identity
    // Token, identifiers and host, each at its longest with every byte percent-encoded.
    request = Memory(count: 8 * 1024)
    var writer = Writer(request.region)
    writer.append("POST /devices/")
    writer.appendPercentEncoded(identity.device.bytes)
    if identity.module.count > 0 {
      writer.append("/modules/")
      writer.appendPercentEncoded(identity.module.bytes)
    }
    let path = Memory("/messages/deviceBound/\(Question.lock)/abandon?api-version=2021-04-12 HTTP/1.1\r\nHost: ".utf8)
    writer.append(path.region.bytes)
    writer.append(identity.host.bytes)
    if !identity.usesCertificate {
      writer.append("\r\nAuthorization: ")
      guard writer.appendToken(for: identity, signer: device.signer, expiry: expiry) else { return nil }
    }
    writer.append("\r\nUser-Agent: mote\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    guard writer.fits else { return nil }
    count = writer.count
  }

  /// Asks over a link that is verified, with one deadline for all of it. The answer, or why there is none.
  func ask(_ link: Link) -> (answer: HubAnswer?, status: Int32) {
    let deadline = link.deadline
    let status = link.send(request.region.part(0, count), until: deadline)
    guard status > 0 else { return (nil, status) }
    let room = Memory(count: Question.longest)
    var filled = 0
    while filled < room.region.count {
      let received = link.receive(room.region.part(filled, room.region.count - filled), until: deadline)
      if received < 0 {
        // A server that closes has said all; one that goes silent or drips may have said enough.
        let answer = HubAnswer(room.region.part(0, filled).array)
        return (answer, answer == nil && received == MOTE_ERROR_CLOSED && filled > 0 ? MOTE_ERROR_NETWORK : received)
      }
      filled += Int(received)
      if Question.isWhole(room.region.part(0, filled).text) { break }
    }
    let answer = HubAnswer(room.region.part(0, filled).array)
    return (answer, answer == nil ? MOTE_ERROR_NETWORK : 0)
  }

  /// Whether header and body have come, as far as Content-Length tells.
  private static func isWhole(_ text: String) -> Bool {
    guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
    let lines = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
    guard let line = lines.first(where: { $0.hasPrefix("content-length:") }) else { return false }
    guard let length = Int(line.dropFirst(15).drop { $0 == " " }) else { return false }
    return text[end.upperBound...].utf8.count >= length
  }
}
