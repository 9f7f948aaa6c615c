#if Tools

package import Foundation
import NIOSSL

/// The hub's own certificate authorities: one for its servers, which clients trust, and one for devices, which it trusts.
package struct Authorities: Sendable {
  package let server: Credential
  package let device: Credential

  private static let life: TimeInterval = 10 * 365 * 86_400
  private static let serverLife: TimeInterval = 365 * 86_400

  /// Those that the folder has, or new ones: when there are none, when they end soon, and when the servers' is not for one
  /// of the names.
  package init(in folder: StateFolder, names: [String], now: Date = .now) throws {
    let namesFile = folder.file("ca-names")
    let known = Set((try folder.read(namesFile) ?? "").split(separator: "\n").map(String.init))
    if known.isSuperset(of: names), let kept = try Self.kept(folder, "ca", now) {
      server = kept
    } else {
      let all = known.union(names).sorted()
      server = try Self.new(.serverAuthority(names: all), "Mote hub emulator", folder, "ca", now)
      try folder.write(all.joined(separator: "\n") + "\n", to: namesFile, isSecret: false)
    }
    device =
      try Self.kept(folder, "device-ca", now)
      ?? Self.new(.deviceAuthority, "Mote hub emulator devices", folder, "device-ca", now)
  }

  /// A new certificate for the hub's listeners.
  package func serverCertificate(for names: [String], now: Date = .now) throws -> Credential {
    let valid = now.addingTimeInterval(-86_400)...now.addingTimeInterval(Self.serverLife)
    return try Certificate.new(.server(names: names), subject: names.first ?? "localhost", issuer: server, valid: valid)
  }

  /// A new certificate for a device or a module, whose common name is its identifier.
  package func deviceCertificate(for address: DeviceAddress, now: Date = .now) throws -> Credential {
    let valid = now.addingTimeInterval(-86_400)...now.addingTimeInterval(Self.serverLife)
    return try Certificate.new(.device, subject: "\(address)", issuer: device, valid: valid)
  }

  private static func kept(_ folder: StateFolder, _ name: String, _ now: Date) throws -> Credential? {
    guard let certificate = try folder.read(folder.file(name + ".pem")),
      let key = try folder.read(folder.file(name + "-key.pem")),
      let parsed = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).first,
      Date(timeIntervalSince1970: TimeInterval(parsed.notValidAfter)) > now.addingTimeInterval(2 * serverLife)
    else { return nil }
    return Credential(certificate: Certificate(pem: certificate), key: PrivateKey(pem: key))
  }

  private static func new(
    _ purpose: Certificate.Purpose, _ title: String, _ folder: StateFolder, _ name: String, _ now: Date
  ) throws -> Credential {
    // Each has a name of its own, so that an old one that somebody still trusts is not taken for the new one.
    let subject = "\(title) \(String(UInt32.random(in: .min ... .max), radix: 16))"
    let valid = now.addingTimeInterval(-86_400)...now.addingTimeInterval(life)
    let new = try Certificate.new(purpose, subject: subject, valid: valid)
    try folder.write(new.key.pem, to: folder.file(name + "-key.pem"), isSecret: true)
    try folder.write(new.certificate.pem, to: folder.file(name + ".pem"), isSecret: false)
    return new
  }
}

#endif
