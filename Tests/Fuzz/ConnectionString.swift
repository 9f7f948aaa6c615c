import MoteBytes
import MoteHub

/// A connection string: any bytes are refused for a reason of mote.h or give an identity whose parts are parts of them,
/// and whose names and topics can be told from those of others.
func fuzz(_ input: inout Input) {
  let signsElsewhere = input.byte() & 1 != 0
  let text = Buffer(input.rest())
  let identity: Identity
  do throws(Failure) {
    identity = try Identity(connectionString: text.region, signsElsewhere: signsElsewhere)
  } catch {
    demand((-209 ... -200).contains(error.code), "refused with \(error.code)")
    return
  }
  let parts = [identity.host, identity.device, identity.module, identity.key, identity.gateway]
  for (part, limit) in zip(parts, [253, 128, 128, Int.max, 253]) {
    demand(text.holds(part) && part.count <= limit, "a part outside, or too long")
    demand(!part.array.contains(UInt8(ascii: ";")), "a part with a separator")
  }
  demand(identity.host.count > 0 && identity.device.count > 0, "accepted without host or device")
  demand(signsElsewhere || (identity.key.count > 0) != identity.usesCertificate, "accepted without one credential")
  demand(identity.peer.count > 0, "nowhere to connect to")

  // The parts say all that the text says, so that they can be written as another that means the same.
  var again: [UInt8] = []
  let names = ["HostName", "DeviceId", "ModuleId", "SharedAccessKey", "GatewayHostName"]
  for (name, part) in zip(names, parts) where part.count > 0 {
    again += Array(name.utf8) + [UInt8(ascii: "=")] + part.array + [UInt8(ascii: ";")]
  }
  if identity.usesCertificate { again += Array("x509=true".utf8) }
  let copy = Buffer(again)
  guard let same = try? Identity(connectionString: copy.region, signsElsewhere: signsElsewhere) else {
    fatalError("its parts are refused")
  }
  demand(
    [same.host, same.device, same.module, same.key, same.gateway].map(\.array) == parts.map(\.array)
      && same.usesCertificate == identity.usesCertificate, "its parts mean something else")
  write(identity, capacity: text.region.count)
}

/// What is written of an identity says how much room it needs, writes no more than there is, and fits what it asked for.
private func write(_ identity: Identity, capacity: Int) {
  let writings: [(inout Writer) -> Void] = [
    { $0.appendUserName(of: identity) }, { $0.appendClientIdentifier(of: identity) },
    { $0.appendTelemetryTopic(of: identity) }, { $0.appendDeviceBoundFilter(of: identity) },
  ]
  for writing in writings {
    let little = Buffer(capacity / 2)
    var writer = Writer(little.region)
    writing(&writer)
    let enough = Buffer(writer.count)
    var second = Writer(enough.region)
    writing(&second)
    demand(second.fits && second.count == writer.count, "more room than it said")
    demand(second.written.bytes.isMQTTText, "no text of MQTT")
  }
  token(of: identity, capacity: capacity)
  // A message to this device is recognised, and nothing shorter is.
  let topic = Buffer(Array("devices/".utf8) + identity.device.array + Array("/messages/devicebound/%24.mid=1".utf8))
  for count in [0, 8, identity.deviceBoundPrefixCount - 1, identity.deviceBoundPrefixCount, topic.region.count] {
    let bag = identity.deviceBoundBag(topic.region.part(0, count))
    demand((bag != nil) == (count >= identity.deviceBoundPrefixCount), "a message for somebody else")
    demand(bag?.count ?? 0 == max(count - identity.deviceBoundPrefixCount, 0), "a bag of another length")
  }
}

/// A token fits the room that it asked for when there was less.
private func token(of identity: Identity, capacity: Int) {
  guard identity.key.count > 0 else { return }
  let signer = Signer(key: identity.key)
  let little = Buffer(min(capacity, 100))
  var writer = Writer(little.region)
  demand(writer.appendToken(for: identity, signer: signer, expiry: .max), "its key does not sign")
  let enough = Buffer(writer.count)
  var second = Writer(enough.region)
  demand(second.appendToken(for: identity, signer: signer, expiry: .max) && second.fits, "more room than it said")
}
