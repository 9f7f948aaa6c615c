#if Tools

import ArgumentParser
import MoteHub

/// How to connect.
struct ConnectionOptions: ParsableArguments {
  @OptionGroup var identity: IdentityOptions

  @Option(
    help: ArgumentHelp(
      "Where to connect, when that is not the hub's own name. IPv6 addresses stand in brackets.",
      valueName: "host[:port]"))
  var endpoint: String?

  @Flag(help: "Speak MQTT over a WebSocket, on port 443, which networks let through that block 8883.")
  var websocket = false

  @Option(
    help: ArgumentHelp(
      "By way of a proxy: http:// or socks5:// with [user:password@]host[:port]; 'none' for none. Default: https_proxy, but for"
        + " what no_proxy has.",
      valueName: "url"))
  var proxy: String?

  @Option(
    help: ArgumentHelp("Certificates to trust in place of the system's, in PEM.", valueName: "file"),
    completion: .file())
  var caFile: String?

  @Option(
    help: ArgumentHelp("The device's certificate chain, for a connection string with x509=true.", valueName: "file"),
    completion: .file())
  var certificate: String?

  @Option(help: ArgumentHelp("The certificate's private key, not encrypted.", valueName: "file"), completion: .file())
  var key: String?

  @Option(
    help: ArgumentHelp("The device's IoT Plug and Play model, for the hub to know.", valueName: "dtmi"))
  var modelID: String?

  @Flag(help: "Speak HTTPS (port 443) in place of MQTT: messages both ways, without twin and methods.")
  var https = false

  @Flag(help: "Tell on standard error what happens. Shows no secret.")
  var verbose = false

  @Flag(help: "Do not verify the server's certificate. For trials on your own machine only.")
  var insecure = false

  /// All of it, checked.
  func settings(receivesMessages: Bool = false, overHTTPS: Bool = false) throws(Explanation) -> ConnectionSettings {
    let device = try identity.device()
    var settings = ConnectionSettings(device: device)
    guard !(https && websocket) else { throw Explanation(.usage, "--https and --websocket exclude each other.") }
    settings.isWebSocket = websocket
    settings.isHTTPS = https || overHTTPS
    if let endpoint {
      settings.endpoint = Endpoint(endpoint, defaultPort: settings.defaultPort)
      if settings.endpoint == nil {
        throw Explanation(.usage, "--endpoint is HOST, HOST:PORT, [IPV6] or [IPV6]:PORT, with a port from 1 to 65535.")
      }
    }
    if let text = proxy ?? ProxyAddress.environment(for: settings.target.host), text != "none" {
      settings.proxy = ProxyAddress(text)
      // It may have a password, and is not shown.
      if settings.proxy == nil {
        throw Explanation(
          .usage,
          "\(proxy == nil ? "https_proxy" : "--proxy") is http://, socks5:// or socks5h:// with [USER:PASSWORD@]HOST[:PORT]."
        )
      }
    }
    guard (certificate == nil) == (key == nil) else {
      throw Explanation(.usage, "--certificate and --key belong together.")
    }
    guard device.identity.usesCertificate == (certificate != nil) else {
      let text =
        certificate == nil
        ? "The connection string says x509=true: give --certificate and --key."
        : "--certificate and --key go with a connection string that ends with x509=true."
      throw Explanation(.usage, text)
    }
    if let modelID {
      guard modelID.hasPrefix("dtmi:"), modelID.utf8.count <= 128 else {
        throw Explanation(.usage, "--model-id is a model's identifier, as dtmi:com:example:Thermostat;1.")
      }
      settings.model = modelID
    }
    settings.caFile = caFile
    settings.certificate = certificate
    settings.key = key
    settings.isVerbose = verbose
    settings.isInsecure = insecure
    settings.receivesMessages = receivesMessages
    return settings
  }
}

#endif
