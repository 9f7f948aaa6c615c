import CMote
import Mote
import MoteHub
import MoteLinux
import MoteTLS

extension Doctor {
  /// Looks the name up: how many addresses, or a `mote_status`.
  mutating func lookUp(_ link: Link) throws(Explanation) -> Int32 {
    let name = settings.proxy?.endpoint ?? target
    console.note("looking up \(name.host)")
    let count = link.resolve()
    if count > 0 {
      if let proxy = settings.proxy { try tell(.ok, "proxy", "\(proxy.text), which looks up \(target.host)") }
      let addresses = (0..<count).map { link.addressText($0, port: name.port) }
      try tell(.ok, "name", "\(name.host) is at \(addresses.joined(separator: ", "))")
    } else {
      try tell(.failed, "name", "\(name.host): \(statusText(count))")
    }
    return count
  }

  /// Connects to each address, and leaves the link connected to the first that can be.
  mutating func reach(_ link: Link, _ addresses: Int32) throws(Explanation) -> Verdict? {
    var failures: [Int32] = []
    var first: Int32?
    var lines: [(isOpen: Bool, text: String)] = []
    for address in 0..<addresses {
      var name = link.addressText(address, port: (settings.proxy?.endpoint ?? target).port)
      if settings.proxy != nil { name = "\(target.text) by way of \(name)" }
      console.note("connecting to \(name)")
      let start = LinuxPort.now
      let status = link.connect(address: address, port: target.port)
      link.close()
      if status > 0 {
        first = first ?? address
        lines.append((true, "\(name): connected in \(LinuxPort.now - start) ms"))
      } else {
        failures.append(status)
        lines.append(
          (
            false,
            "\(name): \(statusText(status))\(name.hasPrefix("[") ? " A hub has no IPv6 address of its own." : "")"
          ))
      }
    }
    for line in lines { try tell(line.isOpen ? .ok : first == nil ? .failed : .warning, "TCP", line.text) }
    guard let first else { return try explainUnreachable(link, addresses, failures) }
    let status = link.connect(address: first, port: target.port)
    guard status < 0 else { return nil }
    try tell(.failed, "TCP", "once more: \(statusText(status))")
    return Verdict(explanation(.connect, status))
  }

  /// Why no address can be connected to: whether HTTPS passes tells a firewall from a network that is down.
  private mutating func explainUnreachable(
    _ link: Link, _ addresses: Int32, _ failures: [Int32]
  ) throws(Explanation) -> Verdict {
    let status = failures.contains(MOTE_ERROR_REFUSED) ? MOTE_ERROR_REFUSED : failures.first ?? MOTE_ERROR_NETWORK
    let explanation = explanation(.connect, status)
    guard target.port != httpsPort && settings.proxy == nil else { return Verdict(explanation) }
    let open = (0..<addresses).first { address in
      defer { link.close() }
      return link.connect(address: address, port: httpsPort) > 0
    }
    if let open {
      try tell(.ok, "port \(httpsPort)", "\(link.addressText(open, port: httpsPort)): connected")
      return Verdict(
        explanation,
        [
          "Port \(httpsPort) of the same host can be reached, so that the network works, and probably a firewall blocks port"
            + " \(target.port): have it opened.",
          "What goes over port \(httpsPort) passes there: MQTT over WebSocket, or HTTPS.",
        ])
    }
    try tell(.failed, "port \(httpsPort)", "cannot be reached either")
    return Verdict(
      explanation,
      [
        "Port \(httpsPort) of the same host cannot be reached either: check HostName or --endpoint, and that the server runs.",
        "Check this machine's network: cable, wireless, mobile data, a portal that wants a login, a firewall.",
      ])
  }

  /// Does the TLS handshake, and shows the certificates.
  mutating func secure(_ link: Link) throws(Explanation) -> Verdict? {
    console.note("starting TLS")
    let status = link.secure()
    let chain = link.chain.certificates
    let details = Doctor.lines(chain)
    guard status < 0 else {
      let text = "\(link.credentials.description); the server is '\(target.host)', verified"
      try tell(.ok, "TLS", text, details: details)
      if settings.isWebSocket { try tell(.ok, "WebSocket", "open, for MQTT") }
      return nil
    }
    let code = link.tls.libraryCode
    if MOTE_ERROR_WEBSOCKET_CONTROL...MOTE_ERROR_WEBSOCKET_REFUSED ~= status {
      try tell(.ok, "TLS", "the server is '\(target.host)', verified", details: details)
      try tell(.failed, "WebSocket", "\(statusText(status))")
      return Verdict(explanation(.handshake, status, code))
    }
    try tell(.failed, "TLS", "\(statusText(status))", details: details)
    if !chain.isEmpty, [MOTE_ERROR_TLS_ALERT, MOTE_ERROR_CLOSED, MOTE_ERROR_RESET].contains(status),
      let verdict = verdict(ended: status)
    {
      return verdict
    }
    return Verdict(explanation(.handshake, status, code), remedies(status, chain))
  }

  /// A chain, a certificate a line, each with why it is refused.
  static func lines(_ chain: [Certificate]) -> [String] {
    var lines: [String] = []
    for (index, certificate) in chain.enumerated() {
      let origin = certificate.isTrusted ? ", trusted here" : certificate.isFollowed ? "" : ", sent without need"
      lines.append("certificate \(index + 1)\(origin): \(certificate.text)")
      lines += certificate.reasons.map { "  refused: \($0)" }
    }
    return lines
  }

  /// The server was verified and then ended TLS: over the device's certificate, or for want of one, where that is plain.
  func verdict(ended status: Int32) -> Verdict? {
    if let certificateVerdict { return certificateVerdict }
    return settings.device.identity.usesCertificate ? nil : explainEnded(status)
  }

  /// The server speaks TLS, and was verified; then it ended the handshake.
  private func explainEnded(_ status: Int32) -> Verdict {
    Verdict(
      exit: .protocolError,
      text: "TLS with \(target.text) failed after the server had shown its certificate: \(statusText(status))",
      remedies: [
        "The server may want a certificate of the device: see --certificate. A hub asks for one, and does without.",
        "A firewall on the way may cut TLS when it sees the name: try another network.",
      ])
  }

  /// What to do when TLS failed.
  private func remedies(_ status: Int32, _ chain: [Certificate]) -> [String] {
    switch status {
    case MOTE_ERROR_CERTIFICATE_UNTRUSTED: return remediesOfUntrusted(chain)
    case MOTE_ERROR_CERTIFICATE_HOST:
      let names = chain.first?.names ?? ""
      return [
        "The certificate is for \(names.isEmpty ? "no host name at all" : names): correct HostName or --endpoint.",
        "If the name is right, the network leads elsewhere: a portal that wants a login, or a name server that lies.",
      ]
    case MOTE_ERROR_CERTIFICATE_NOT_YET_VALID:
      let start = chain.filter(\.isFollowed).map(\.validFrom).max() ?? 0
      return [
        "If the certificate is right, this machine's clock is behind by \(Clock.span(start - Clock.now)) or more,"
          + " which is likelier than a server that shows a certificate before its time."
      ] + Verdict.clockRemedies
    case MOTE_ERROR_CERTIFICATE_EXPIRED:
      let end = chain.filter(\.isFollowed).map(\.validTo).min() ?? 0
      let text =
        "The certificate ended \(Clock.span(Clock.now - end)) ago by this machine's clock, \(Clock.text(Clock.now))"
      return ["\(text): if that is not the time, set the clock.", "If it is, the server needs a new certificate."]
    case MOTE_ERROR_TIMED_OUT:
      return [
        "The port accepts connections and then stays silent: check that TLS is spoken there; a hub's port is 8883.",
        "A firewall or proxy on the way may hold back what it cannot read: try another network.",
      ]
    default: return []
    }
  }

  private func remediesOfUntrusted(_ chain: [Certificate]) -> [String] {
    let roots = settings.caFile.map { "'\($0)'" } ?? "this machine's CA bundle"
    let last = chain.last(where: \.isFollowed)
    let found = last.map { "The chain ends at '\($0.issuer)', which is not in \(roots)." }
    let isOfHub = ["DigiCert Global Root G", "Microsoft RSA Root", "Microsoft ECC Root"].contains {
      last?.issuer.contains($0) ?? false
    }
    if isOfHub {
      return [
        "\(found ?? "") A hub's does end there, so that the trusted roots are old or incomplete: update the"
          + " ca-certificates package, or give --ca-file."
      ]
    }
    return [
      "\(found ?? "") If that is your own CA, give its certificate with --ca-file.",
      "A hub's chain ends at DigiCert Global Root G2 or Microsoft RSA Root Certificate Authority 2017. If this should be one,"
        + " somebody on the way answers in its place: a company's proxy that looks into TLS, or a portal that wants a login."
        + " Log in there, have the hub excepted, or try another network.",
    ]
  }
}
