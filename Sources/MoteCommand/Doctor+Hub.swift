import CMote
import Mote
import MoteHub
import MoteLinux
import MoteTLS

/// What a hub said over HTTPS, or why it said nothing.
struct Inquiry {
  var answer: HubAnswer?
  /// Seconds that this machine's clock is ahead of the server's; nil when that is unknown.
  var skew: Int64?
  /// Whether the clocks are too far apart for a token.
  var isSkewed: Bool { skew.map { $0.magnitude > Clock.tolerance.magnitude } ?? false }
}

extension Doctor {
  /// How long the tokens are good, in seconds: as long as those of a client.
  private static let tokenSeconds: Int64 = 3_600

  /// Token, CONNECT, and a while of watching.
  mutating func greet(_ link: Link) throws(Explanation) -> Verdict? {
    let expiry = UInt64(Clock.now + Doctor.tokenSeconds)
    if let verdict = try tellToken(expiry) { return verdict }
    console.note("MQTT CONNECT as \(settings.device.name)")
    let greeting = Greeting(link, settings.device)
    defer { greeting.leave() }
    let start = LinuxPort.now
    let status = greeting.connect(expiry: expiry)
    guard status > 0 else {
      try tell(.failed, "CONNECT", "\(statusText(status))")
      // In TLS 1.3 the server judges a device's certificate, or misses it, only when the handshake is done.
      if status == MOTE_ERROR_TLS_ALERT, let verdict = verdict(ended: status) { return verdict }
      return try ask(why: explanation(.greeting, status, link.tls.libraryCode), status, expiry)
    }
    try tell(.ok, "CONNECT", "accepted after \(LinuxPort.now - start) ms")
    if settings.receivesMessages {
      console.note("subscribing to cloud-to-device messages")
      let status = greeting.subscribe()
      guard status > 0 else {
        try tell(.failed, "subscribe", "\(statusText(status))")
        let explanation = explanation(.subscribe, status, link.tls.libraryCode)
        return try status == MOTE_ERROR_SUBSCRIPTION_REFUSED
          ? Verdict(explanation) : ask(why: explanation, status, expiry, isAccepted: true)
      }
      try tell(.ok, "subscribe", "to cloud-to-device messages, granted")
    }
    return try watch(link, greeting, expiry)
  }

  private mutating func tellToken(_ expiry: UInt64) throws(Explanation) -> Verdict? {
    guard !settings.device.identity.usesCertificate else { return nil }
    let token: String
    do throws(Explanation) {
      token = try settings.device.token(expiry: expiry)
    } catch {
      try tell(.failed, "token", "cannot be signed")
      return Verdict(error)
    }
    let resource = token.drop { $0 != "=" }.dropFirst().prefix { $0 != "&" }
    let span = Clock.span(Doctor.tokenSeconds)
    try tell(
      .ok, "token", "good for \(span), until \(Clock.text(Int64(expiry)))",
      details: ["signed over '\(resource)' and that time, \(expiry); key and signature are not shown"])
    return nil
  }

  private mutating func watch(_ link: Link, _ greeting: Greeting, _ expiry: UInt64) throws(Explanation) -> Verdict? {
    guard watch > 0 else { return nil }
    console.note("watching the connection")
    let start = LinuxPort.now
    let status = greeting.watch(watch)
    let tenths = (LinuxPort.now - start) / 100
    let span = "\(tenths / 10).\(tenths % 10) seconds"
    guard status < 0 else {
      try tell(.ok, "connection", "still open after \(span), pings included")
      return nil
    }
    try tell(.failed, "connection", "ended after \(span): \(statusText(status))")
    return try ask(
      why: explanation(.work, status, link.tls.libraryCode), status, expiry, isAccepted: true)
  }

  /// Asks over HTTPS what MQTT does not tell.
  private mutating func ask(
    why explanation: Explanation, _ status: Int32, _ expiry: UInt64, isAccepted: Bool = false
  ) throws(Explanation) -> Verdict {
    // What these mean is plain, and no hub knows better.
    if [MOTE_ERROR_REFUSED_PROTOCOL, MOTE_ERROR_REFUSED_IDENTIFIER, MOTE_ERROR_SIGNING].contains(status) {
      return Verdict(explanation)
    }
    let inquiry = try inquire(expiry)
    if let certificateVerdict { return certificateVerdict }
    return Diagnosis(settings, explanation, inquiry, httpsPort: httpsPort, isAccepted: isAccepted).verdict
  }

  /// Asks, and tells what came of it.
  private mutating func inquire(_ expiry: UInt64) throws(Explanation) -> Inquiry {
    let endpoint = Endpoint(host: target.host, port: httpsPort)
    let link = try Link(settings, endpoint, patience: patience)
    console.note("asking over HTTPS at \(endpoint.text)")
    let count = link.resolve()
    var status = count
    if count > 0 {
      for address in 0..<count {
        status = link.connect(address: address, port: httpsPort)
        if status > 0 { break }
      }
    }
    guard status > 0 else {
      try tell(.warning, "HTTPS", "\(endpoint.text), which might say why, cannot be reached: \(statusText(status))")
      return Inquiry()
    }
    status = link.secure()
    guard status > 0, let question = Question(settings.device, expiry: expiry) else {
      try tell(
        .warning, "HTTPS", "\(endpoint.text), which might say why, is not asked: \(statusText(status))",
        details: Doctor.lines(link.chain.certificates))
      return Inquiry()
    }
    let (found, failure) = question.ask(link)
    guard let answer = found else {
      try tell(.warning, "HTTPS", "\(endpoint.text), which might say why, gave no answer: \(statusText(failure))")
      return Inquiry()
    }
    let inquiry = Inquiry(answer: answer, skew: answer.date.map { Clock.now - $0 })
    try tell(answer.admits ? .ok : .failed, "HTTPS", "\(endpoint.text) answered \(answer.text)")
    try tellSkew(inquiry)
    return inquiry
  }

  private mutating func tellSkew(_ inquiry: Inquiry) throws(Explanation) {
    guard let skew = inquiry.skew else { return }
    let sign = skew > 0 ? "ahead of" : "behind"
    if inquiry.isSkewed {
      try tell(.failed, "clock", "this machine's is \(Clock.span(skew)) \(sign) the server's")
    } else {
      try tell(.ok, "clock", "this machine's and the server's are \(Clock.span(skew)) apart")
    }
  }
}
