#if Tools

import Foundation

extension Fault {
  /// `{"kind": "refuse", "code": 3, "device": "dev1", "count": 2}`; `delay` has `milliseconds`, `failOver` `host` and `port`,
  /// `refuseUpload` `status`.
  package var json: JSON {
    var object: JSON.Object = ["id": .integer(Int64(id))]
    switch kind {
    case .drop: object["kind"] = "drop"
    case .expireTokens: object["kind"] = "expireTokens"
    case .failOver(let host, let port):
      object["kind"] = "failOver"
      object["host"] = .string(host)
      object["port"] = .integer(Int64(port))
    case .refuse(let code):
      object["kind"] = "refuse"
      object["code"] = .integer(Int64(code.rawValue))
    case .delay(let milliseconds):
      object["kind"] = "delay"
      object["milliseconds"] = .integer(Int64(milliseconds))
    case .throttle: object["kind"] = "throttle"
    case .losePubacks: object["kind"] = "losePubacks"
    case .closeMidPacket: object["kind"] = "closeMidPacket"
    case .refuseUpload(let status):
      object["kind"] = "refuseUpload"
      object["status"] = .integer(Int64(status))
    case .closeMidUpload: object["kind"] = "closeMidUpload"
    case .expireUploads: object["kind"] = "expireUploads"
    }
    object["device"] = device.map(JSON.string)
    object["module"] = module.map(JSON.string)
    object["count"] = count.map { .integer(Int64($0)) }
    return .object(object)
  }

  package init(_ json: JSON) throws(HubError) {
    let kind: Kind
    switch try json.text("kind") {
    case "drop": kind = .drop
    case "expireTokens": kind = .expireTokens
    case "throttle": kind = .throttle
    case "losePubacks": kind = .losePubacks
    case "closeMidPacket": kind = .closeMidPacket
    case "closeMidUpload": kind = .closeMidUpload
    case "expireUploads": kind = .expireUploads
    case "refuseUpload":
      guard let status = json["status"]?.integer.map(Int.init), [403, 500, 503].contains(status) else {
        throw .argumentInvalid("refuseUpload needs a status: 403, 500 or 503.")
      }
      kind = .refuseUpload(status: status)
    case "failOver":
      guard let port = json["port"]?.integer, (0...65_535).contains(port) else {
        throw .argumentInvalid("failOver needs a port from 0 to 65535.")
      }
      kind = .failOver(host: try json.text("host") ?? "127.0.0.1", port: Int(port))
    case "refuse":
      guard let number = json["code"]?.integer, let code = UInt8(exactly: number).flatMap(ConnectCode.init(rawValue:)),
        code != .accepted
      else { throw .argumentInvalid("refuse needs a code from 1 to 5.") }
      kind = .refuse(code)
    case "delay":
      guard let milliseconds = json["milliseconds"]?.integer, (1...600_000).contains(milliseconds) else {
        throw .argumentInvalid("delay needs milliseconds from 1 to 600000.")
      }
      kind = .delay(milliseconds: Int(milliseconds))
    default:
      throw .argumentInvalid(
        """
        kind is drop, expireTokens, failOver, refuse, delay, throttle, losePubacks, closeMidPacket, refuseUpload, \
        closeMidUpload or expireUploads.
        """)
    }
    self.init(
      kind, device: try json.text("device"), module: try json.text("module"),
      count: try json.integer("count", in: 1...Int64(Int32.max)).map(Int.init))
  }
}

#endif
