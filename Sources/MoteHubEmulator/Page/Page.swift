/// The web page: the files that a browser loads, which the program carries in itself. They hold no secret and are given
/// without a key; what they show comes from requests that need it.
package enum Page {
  /// One file, as it is sent.
  package struct File: Sendable {
    /// Where it is in the hub's address.
    package var path: String
    /// The value of `Content-Type`.
    package var contentType: String
    package var bytes: [UInt8]

    init(_ path: String, _ contentType: String, _ bytes: [UInt8]) {
      self.path = path
      self.contentType = contentType
      self.bytes = bytes
    }
  }

  /// What goes out with each file: nothing but these files and the hub itself may be loaded or asked, no text becomes
  /// markup (`require-trusted-types-for`), and no other page may frame or hold this one.
  package static let headers: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      """
      default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
      form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
      """
    ),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  /// The page's address with a key that it takes out of the fragment, which a browser sends nowhere. `token` is a shared
  /// access signature of the service.
  package static func address(host: String, port: Int, token: String) -> String {
    let fragment = token.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return "http://\(host):\(port)/#key=" + fragment.joined()
  }

  package static let files = [
    File("/", "text/html; charset=utf-8", PackageResources.page_html),
    File("/page.css", "text/css; charset=utf-8", PackageResources.page_css),
    File("/icon.svg", "image/svg+xml", PackageResources.icon_svg),
    script("/commands.js", PackageResources.commands_js),
    script("/devices.js", PackageResources.devices_js),
    script("/events.js", PackageResources.events_js),
    script("/forms.js", PackageResources.forms_js),
    script("/frames.js", PackageResources.frames_js),
    script("/hub.js", PackageResources.hub_js),
    script("/json.js", PackageResources.json_js),
    script("/page.js", PackageResources.page_js),
    script("/plot.js", PackageResources.plot_js),
    script("/readings.js", PackageResources.readings_js),
    script("/registry.js", PackageResources.registry_js),
    script("/series.js", PackageResources.series_js),
    script("/stream.js", PackageResources.stream_js),
    script("/text.js", PackageResources.text_js),
    script("/twin.js", PackageResources.twin_js),
  ]

  private static func script(_ path: String, _ bytes: [UInt8]) -> File {
    File(path, "text/javascript; charset=utf-8", bytes)
  }
}
