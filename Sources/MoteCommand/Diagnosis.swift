import MoteBytes
import MoteHub

/// What a refusal over MQTT and an answer over HTTPS mean together.
struct Diagnosis {
  private let device: Device
  /// What MQTT told.
  private let explanation: Explanation
  private let inquiry: Inquiry
  private let httpsPort: UInt16
  /// Whether CONNECT had been accepted.
  private let isAccepted: Bool

  init(
    _ settings: ConnectionSettings, _ explanation: Explanation, _ inquiry: Inquiry, httpsPort: UInt16, isAccepted: Bool
  ) {
    device = settings.device
    self.explanation = explanation
    self.inquiry = inquiry
    self.httpsPort = httpsPort
    self.isAccepted = isAccepted
  }

  var verdict: Verdict {
    guard let answer = inquiry.answer else {
      let text = "\(explanation.text) Port \(httpsPort), where a hub gives a reason, gave none."
      return Verdict(exit: explanation.exit, text: text, remedies: candidates)
    }
    switch answer.status {
    case 401: return unauthorised(answer)
    case 403 where answer.isOfHub: return forbidden(answer)
    case 404 where answer.code == 404_012:
      return Verdict(
        exit: .temporary, text: "The hub is moving to another region (\(answer.text)).",
        remedies: ["Wait some minutes, and look its name up anew at each try, as this command does."])
    case 404 where answer.code == 404_001 || answer.name == "DeviceNotFound": return notFound(answer)
    case 405 where answer.isOfHub:
      return Verdict(
        exit: .protocolError, text: "The hub does not take the request (\(answer.text)).",
        remedies: ["Update Mote: hubs stop to take old versions of their interface."])
    case 429:
      let time = answer.retryAfter.map { "\($0) seconds, as the hub says" } ?? "some minutes, longer after each refusal"
      return Verdict(
        exit: .temporary, text: "The hub is throttling: too many connections or messages at once (\(answer.text)).",
        remedies: [
          "Wait \(time), and try again.",
          "If it stays so, let the fleet spread its connections, or give the hub more units.",
        ])
    case 500...599:
      return Verdict(
        exit: .temporary, text: "The hub has a failure of its own (\(answer.text)).",
        remedies: ["Try again in some minutes; the device is not at fault."])
    default: return undecided(answer)
    }
  }

  private func unauthorised(_ answer: HubAnswer) -> Verdict {
    let name = device.name
    if inquiry.isSkewed, let skew = inquiry.skew, !device.identity.usesCertificate {
      return Verdict(
        exit: .refused,
        text:
          "This machine's clock is wrong: \(Clock.span(skew)) \(skew > 0 ? "ahead of" : "behind") the hub's, so that the"
          + " hub does not take the device's tokens (\(answer.text)). They must agree within \(Clock.span(Clock.tolerance)).",
        remedies: Verdict.clockRemedies + ["If it still refuses then, the key is wrong too."])
    }
    let what = device.identity.usesCertificate ? "certificate" : "token"
    let clock = inquiry.skew == nil || device.identity.usesCertificate ? "" : " The clock is not to blame."
    return Verdict(
      exit: .refused, text: "The hub does not take the \(what) of '\(name)' (\(answer.text)).\(clock)",
      remedies: credentialRemedies)
  }

  private func forbidden(_ answer: HubAnswer) -> Verdict {
    if answer.code == 403_002 {
      return Verdict(
        exit: .refused, text: "The hub's messages of the day are used up (\(answer.text)).",
        remedies: ["Wait until midnight UTC, when it counts anew.", "Give the hub more units or a larger tier."])
    }
    return Verdict(
      exit: .refused, text: "The hub knows the device '\(device.name)' and refuses it (\(answer.text)).",
      remedies: [
        "The device may be disabled: enable it in the hub's list of devices.",
        "The hub's tier or quota may not allow it: look at both.",
      ])
  }

  private func notFound(_ answer: HubAnswer) -> Verdict {
    let identity = device.identity
    let kind = identity.module.count > 0 ? "device or module" : "device"
    return Verdict(
      exit: .refused, text: "\(identity.host.text) has no \(kind) '\(device.name)' (\(answer.text)).",
      remedies: [
        "Check DeviceId\(identity.module.count > 0 ? " and ModuleId" : ""): capitals count.",
        "Check HostName: the device may be another hub's.",
        "If it was deleted, create it, or let it be provisioned, again; it will have another key.",
      ])
  }

  /// The answer does not tell why MQTT failed.
  private func undecided(_ answer: HubAnswer) -> Verdict {
    guard answer.admits else {
      let text = "\(explanation.text) What port \(httpsPort) answered (\(answer.text)) is not a hub's reason."
      return Verdict(exit: explanation.exit, text: text, remedies: candidates)
    }
    let clock = inquiry.isSkewed ? Verdict.clockRemedies : []
    let text =
      "\(explanation.text) Over HTTPS the hub admits the device (\(answer.text)), so that its credentials are right."
    return Verdict(
      exit: explanation.exit, text: text,
      remedies: clock + [displaced] + [
        "A proxy or firewall on the way may cut MQTT and let HTTPS pass: try another network.",
        "Try again: a hub closes connections when it is updated or moves.",
      ])
  }

  // MARK: Guesses

  private var displaced: String {
    "Another client may connect as '\(device.name)': a hub keeps the latest only. If the device itself runs at this moment,"
      + " it is that, and all is well; else stop the other, or give each an identity of its own."
  }

  /// What may be wrong when nobody says, the likeliest first.
  private var candidates: [String] {
    let clock =
      inquiry.isSkewed
      ? Verdict.clockRemedies
      : ["Check this machine's clock, which says \(Clock.text(Clock.now)): tokens do not bear more than some minutes."]
    let disabled = "The device may be disabled, or the hub's quota used up: look at the hub."
    if isAccepted { return [displaced, disabled] }
    let guesses = credentialRemedies + [disabled]
    if device.identity.usesCertificate { return guesses }
    return inquiry.isSkewed ? clock + guesses : guesses + clock
  }

  private var credentialRemedies: [String] {
    let place =
      "Check DeviceId '\(device.name)' and HostName '\(device.identity.host.text)': a key is good for one device of"
      + " one hub, and capitals count."
    guard device.identity.usesCertificate else {
      return [
        "Copy the device's connection string from the hub anew: SharedAccessKey may be another's, cut off, or replaced since.",
        place, "The hub may expect a certificate of this device, and no key.",
      ]
    }
    return [
      "The hub may not know the certificate: compare its thumbprint with the device's, or see that its CA is uploaded and"
        + " verified, and that the common name is '\(device.identity.device.text)'.",
      place, "The hub may expect a key of this device, and no certificate.",
    ]
  }
}

extension HubAnswer {
  /// Whether it shows that the device was let in: what was asked for was done, or refused as there was no such lock.
  var admits: Bool {
    switch status {
    case 200...299: true
    case 412: true
    case 404: isOfHub && code != 404_001 && code != 404_012 && name != "DeviceNotFound"
    default: false
    }
  }
}
