import CMote
import Mote
import MoteHub

extension Explanation {
  /// Why a connection string is refused. The string itself is not shown: it has the key.
  init(connectionString status: Int32) {
    let form = "HostName=HUB.azure-devices.net;DeviceId=ID;SharedAccessKey=KEY"
    var text = "The connection string is unusable: \(statusText(status))"
    text += " A device's is \(form), or ends with x509=true in place of the key; quote it, since it has semicolons."
    self.init(.data, text)
  }

  /// Why certificates or key cannot be used.
  init(credentials status: Int32, _ code: Int32, caFile: String?) {
    let files = caFile.map { "'\($0)'" } ?? "the system's CA bundle"
    self.init(
      .data,
      "TLS cannot be set up: \(reason(status, code)) Trusted roots came from \(files); a --key belongs to its"
        + " --certificate and is not encrypted.")
  }

  /// How a connection ended: in which step, why, and what to do.
  init(step: Step, _ status: Int32, _ code: Int32, target: Endpoint, device: Device) {
    if MOTE_ERROR_PROXY_ANSWER...MOTE_ERROR_PROXY_NAME ~= status {
      self.init(proxy: status, target)
      return
    }
    switch step {
    case .resolve: self.init(resolving: status, target)
    case .connect: self.init(connecting: status, target)
    case .handshake: self.init(handshake: status, code, target, device)
    case .greeting: self.init(greeting: status, code, target, device)
    case .subscribe: self.init(subscribing: status, code)
    case .waiting:
      self.init(.temporary, "\(reason(status, code)) Without the time there is no TLS: set this machine's clock.")
    case .idle, .work, .closing: self.init(working: status, code)
    }
  }

  private init(proxy status: Int32, _ target: Endpoint) {
    let because = "No way to \(target.text): \(statusText(status))"
    switch status {
    case MOTE_ERROR_PROXY_CREDENTIALS:
      self.init(.refused, "\(because) Give them as USER:PASSWORD@ before the proxy's name in --proxy or https_proxy.")
    case MOTE_ERROR_PROXY_FORBIDDEN:
      self.init(.refused, "\(because) Many let only port 443 through: see --websocket.")
    case MOTE_ERROR_PROXY_REFUSED: self.init(.refused, because)
    case MOTE_ERROR_PROXY_ANSWER:
      self.init(.protocolError, "\(because) Check its kind and port in --proxy or https_proxy.")
    case MOTE_ERROR_PROXY_UNREACHABLE: self.init(.unreachable, because)
    default: self.init(.unreachable, "\(because) Check --proxy or https_proxy.")
    }
  }

  private init(resolving status: Int32, _ target: Endpoint) {
    let step = "Looking up the name '\(target.host)' failed"
    switch status {
    case MOTE_ERROR_NAME_NOT_FOUND:
      self.init(.unreachable, "\(step): there is no such host. Check HostName in the connection string, or --endpoint.")
    default:
      self.init(.temporary, "\(step): \(statusText(status)) Check this machine's network and name server; try again.")
    }
  }

  private init(connecting status: Int32, _ target: Endpoint) {
    let step = "The TCP connection to \(target.text) failed"
    switch status {
    case MOTE_ERROR_REFUSED:
      self.init(
        .unreachable,
        "\(step): refused, since nothing listens there. Check host and port; a hub's is 8883, or 443 for HTTPS and WebSocket."
      )
    case MOTE_ERROR_TIMED_OUT:
      self.init(.unreachable, "\(step): no answer. A firewall may block port \(target.port).")
    default:
      self.init(.unreachable, "\(step): \(statusText(status)) Check this machine's network.")
    }
  }

  private init(handshake status: Int32, _ code: Int32, _ target: Endpoint, _ device: Device) {
    let step = "TLS with \(target.text) failed"
    let because = "\(step): \(reason(status, code))"
    switch status {
    case MOTE_ERROR_WEBSOCKET_REFUSED:
      self.init(
        .protocolError,
        "\(target.text) refused a WebSocket with status \(code) of HTTP. Is it a hub, or another server that takes MQTT over"
          + " WebSocket at /$iothub/websocket?")
    case MOTE_ERROR_WEBSOCKET_CONTROL...MOTE_ERROR_WEBSOCKET_ANSWER:
      self.init(.protocolError, "The WebSocket with \(target.text) failed: \(statusText(status))")
    case MOTE_ERROR_CERTIFICATE_UNTRUSTED:
      self.init(.protocolError, "\(because) If the server is yours, give the certificate of its CA with --ca-file.")
    case MOTE_ERROR_CERTIFICATE_HOST:
      self.init(
        .protocolError,
        "\(because) It has to be for '\(target.host)': connect by the name that it is for, or check who answers there.")
    case MOTE_ERROR_CERTIFICATE_EXPIRED, MOTE_ERROR_CERTIFICATE_NOT_YET_VALID:
      self.init(.protocolError, "\(because) Check this machine's clock; if it is right, the server's owner has to act.")
    case MOTE_ERROR_NO_TIME:
      self.init(.temporary, "\(because) Certificates cannot be verified without the time: set this machine's clock.")
    case MOTE_ERROR_TLS_ALERT where device.identity.usesCertificate,
      MOTE_ERROR_CLOSED where device.identity.usesCertificate,
      MOTE_ERROR_RESET where device.identity.usesCertificate:
      self.init(.protocolError, "\(because) The server may not take this device's certificate: check --certificate.")
    case MOTE_ERROR_TLS_ALERT:
      self.init(.protocolError, "\(because) The server may want a certificate: see --certificate.")
    case MOTE_ERROR_CLOSED, MOTE_ERROR_RESET, MOTE_ERROR_TLS:
      self.init(
        .protocolError, "\(because) Is it a port where TLS is spoken? A hub's is 8883, or 443 for HTTPS and WebSocket.")
    case MOTE_ERROR_TIMED_OUT, MOTE_ERROR_NO_ENTROPY, MOTE_ERROR_TLS_MEMORY:
      self.init(.temporary, "\(because) Try again later.")
    default:
      self.init(.protocolError, because)
    }
  }

  private init(greeting status: Int32, _ code: Int32, _ target: Endpoint, _ device: Device) {
    let step = "MQTT CONNECT was refused"
    switch status {
    case MOTE_ERROR_REFUSED_CREDENTIALS:
      self.init(
        .refused, "\(step) (CONNACK 4): user name or password is wrong. Check DeviceId, SharedAccessKey and HostName.")
    case MOTE_ERROR_REFUSED_AUTHORISATION:
      self.init(
        .refused,
        "\(step) (CONNACK 5): device '\(device.name)' is not authorised. Check that it exists and is enabled, that the key"
          + " is its own, and that this machine's clock is right.")
    case MOTE_ERROR_REFUSED_IDENTIFIER:
      self.init(.refused, "\(step) (CONNACK 2): the client identifier '\(device.name)'. Check DeviceId.")
    case MOTE_ERROR_REFUSED_UNAVAILABLE:
      self.init(.temporary, "\(step) (CONNACK 3): the server is unavailable. Try again later.")
    case MOTE_ERROR_REFUSED_PROTOCOL:
      self.init(.protocolError, "\(step) (CONNACK 1): the server does not speak MQTT 3.1.1, which IoT Hub does.")
    case MOTE_ERROR_SIGNING:
      self.init(.data, "No token can be made: \(statusText(status)) Check SharedAccessKey.")
    case MOTE_ERROR_TLS_ALERT:
      // In TLS 1.3 the server judges a device's certificate only when the handshake is done.
      self.init(handshake: status, code, target, device)
    case MOTE_ERROR_CLOSED, MOTE_ERROR_RESET:
      self.init(
        .protocolError,
        "MQTT CONNECT had no answer: \(reason(status, code)) Is \(target.text) an MQTT server that takes"
          + " this device's credentials?")
    case MOTE_ERROR_TIMED_OUT:
      self.init(.temporary, "MQTT CONNECT had no answer in time. Try again later.")
    default:
      self.init(.protocolError, "MQTT CONNECT failed: \(reason(status, code))")
    }
  }

  private init(subscribing status: Int32, _ code: Int32) {
    let because = "Subscribing failed: \(reason(status, code))"
    switch status {
    case MOTE_ERROR_DISPLACED: self.init(working: status, code)
    case MOTE_ERROR_SUBSCRIPTION_REFUSED: self.init(.refused, because)
    case MOTE_ERROR_TIMED_OUT, MOTE_ERROR_CLOSED, MOTE_ERROR_RESET: self.init(.temporary, because)
    default: self.init(.protocolError, because)
    }
  }

  private init(working status: Int32, _ code: Int32) {
    let because = "The connection was lost: \(reason(status, code))"
    switch status {
    case MOTE_ERROR_DISPLACED: self.init(.temporary, "\(because) Stop the other one, or give each its own identity.")
    case MOTE_ERROR_CLOSED, MOTE_ERROR_RESET:
      self.init(
        .temporary,
        "\(because) A hub does so when another client uses the same device, when the device is disabled or over its quota,"
          + " and when it moves: try again.")
    case MOTE_ERROR_MQTT_KEEP_ALIVE, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, MOTE_ERROR_TIMED_OUT, MOTE_ERROR_UNREACHABLE,
      MOTE_ERROR_NETWORK:
      self.init(.temporary, "\(because) Check this machine's network; try again.")
    default:
      self.init(.protocolError, because)
    }
  }
}

/// What a status means, with mbedTLS's own code and words when there is one, as a sentence.
private func reason(_ status: Int32, _ code: Int32) -> String {
  guard code != 0 else { return "\(statusText(status))" }
  let number = String(-code, radix: 16, uppercase: true)
  return "\("\(statusText(status))".dropLast()) (mbedTLS -0x\(number): \(Credentials.explain(code)))."
}
