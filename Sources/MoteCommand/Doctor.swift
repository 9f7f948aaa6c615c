import CMote
import Mote
import MoteBytes
import MoteHub
import MoteLinux

/// Walks a device's way to its hub, tells each step, and says in the end how it stands. It goes on as far as that makes sense,
/// and never sends a token over a connection whose server is not verified.
struct Doctor {
  let settings: ConnectionSettings
  let target: Endpoint
  /// How long a step may take, and how long the connection is watched, in milliseconds.
  let patience: UInt64
  let watch: UInt64
  let httpsPort: UInt16
  let console: Console
  private let report: Report
  private var hasWarnings = false
  /// What is wrong with the device's own certificate: it counts once the server does not take it.
  private(set) var certificateVerdict: Verdict?

  init(_ settings: ConnectionSettings, _ report: Report, patience: UInt64, watch: UInt64, httpsPort: UInt16) {
    self.settings = settings
    self.report = report
    self.patience = patience
    self.watch = watch
    self.httpsPort = httpsPort
    target = settings.target
    console = Console(isVerbose: settings.isVerbose)
  }

  /// Walks the way.
  mutating func examine() throws(Explanation) -> Verdict {
    try tellIdentity()
    let clockVerdict = try checkClock()
    let link: Link
    do throws(Explanation) {
      link = try Link(settings, target, patience: patience, isWebSocket: settings.isWebSocket)
    } catch {
      try tell(.failed, "credentials", "the files cannot be used")
      return Verdict(error)
    }
    try checkCertificate(link)
    let addresses = try lookUp(link)
    guard addresses > 0 else { return Verdict(explanation(.resolve, addresses)) }
    if let verdict = try reach(link, addresses) { return verdict }
    // Without the time neither a certificate nor a token is worth anything.
    if let clockVerdict { return clockVerdict }
    if let verdict = try secure(link) { return verdict }
    if let verdict = try greet(link) { return verdict }
    let rest = hasWarnings ? " What the warnings tell does not keep it from that." : ""
    return Verdict(exit: nil, text: "The device reaches its hub, and the hub accepts it.\(rest)")
  }

  /// Tells a step.
  mutating func tell(
    _ outcome: Report.Outcome, _ step: String, _ text: String, details: [String] = []
  ) throws(Explanation) {
    if outcome != .ok { hasWarnings = true }
    try report.tell(outcome, step, text, details: details)
  }

  /// What the other commands say of a failure.
  func explanation(_ step: Step, _ status: Int32, _ code: Int32 = 0) -> Explanation {
    Explanation(step: step, status, code, target: target, device: settings.device)
  }

  // MARK: What needs no network

  private mutating func tellIdentity() throws(Explanation) {
    let identity = settings.device.identity
    let kind = identity.module.count > 0 ? "module" : "device"
    let credential = identity.usesCertificate ? "with a certificate" : "with a shared access key"
    let way = target.host == identity.host.text ? "" : ", by way of \(target.host)"
    try tell(.ok, "identity", "\(kind) '\(settings.device.name)' of \(identity.host.text), \(credential)\(way)")
  }

  private mutating func checkClock() throws(Explanation) -> Verdict? {
    let now = Clock.now
    let kept = Clock.isKept ? "kept right by NTP or the like" : "not known to be kept right by NTP"
    guard now < earliestSeconds else {
      try tell(.ok, "clock", "\(Clock.text(now)), \(kept)")
      return nil
    }
    let release = "this release of Mote is of \(Clock.text(Int64(earliestSeconds)))"
    try tell(.failed, "clock", "\(Clock.text(now)), but \(release)", details: ["It is \(kept)."])
    return Verdict(
      Explanation(
        .temporary,
        "This machine's clock is wrong: it says \(Clock.text(now)), and \(release). Neither the server's certificate nor a"
          + " token can be checked without the time."),
      Verdict.clockRemedies)
  }

  /// Looks at the device's own certificate, where it has one.
  private mutating func checkCertificate(_ link: Link) throws(Explanation) {
    guard let own = CertificateChain(of: link.credentials).certificates.first else { return }
    let now = Clock.now
    if now > own.validTo || now < own.validFrom {
      let state = now > own.validTo ? "expired" : "is not valid yet"
      try tell(.failed, "certificate", "the device's own \(state)", details: [own.text])
      certificateVerdict = Verdict(
        exit: .refused,
        text: "The device's own certificate \(state): it is good from \(Clock.text(own.validFrom)) until"
          + " \(Clock.text(own.validTo)).",
        remedies: [
          "Give the device a new certificate.", "If the dates look right, this machine's clock is wrong: set it.",
        ])
    } else if own.commonName != settings.device.identity.device.text {
      let detail =
        "A hub that trusts it by its CA wants the common name to be the DeviceId; by its thumbprint, any will do."
      try tell(.warning, "certificate", "the device's own is not in the device's name", details: [own.text, detail])
    } else {
      try tell(.ok, "certificate", "the device's own is in its name, and valid", details: [own.text])
    }
  }
}

extension Verdict {
  static let clockRemedies = [
    "Set this machine's clock, best with NTP (timedatectl set-ntp true, where systemd runs), and run this again.",
    "If it is lost at each start, the machine has no clock that runs on without power, or its battery is empty.",
  ]
}
