import CMote
import Mote
import MoteHub

extension Explanation {
  /// Why the hub refused over HTTPS, with its own code; nil for what is not its refusal.
  init?(overHTTPS status: Int32, _ code: Int32, _ device: Device) {
    let hub = "The hub refused (\(code))"
    switch status {
    case MOTE_ERROR_REFUSED_AUTHORISATION:
      let name = device.name
      let text =
        switch code / 1_000 {
        case 404: "there is no device '\(name)'. Check DeviceId and HostName, and that it is registered."
        case 403: "device '\(name)' is disabled, or over its quota."
        default:
          "device '\(name)' is not authorised. Check that the key is its own, and that this machine's clock is right."
        }
      self.init(.refused, "\(hub): \(text)")
    case MOTE_ERROR_HUB_REFUSED: self.init(.data, "\(hub): it takes no such message. Check its size and properties.")
    case MOTE_ERROR_REFUSED_UNAVAILABLE: self.init(.temporary, "\(hub): it is too busy, or out of order.")
    default: return nil
    }
  }
}
