#if Tools

import Foundation

/// What a device shows when it connects.
struct DeviceCredentials {
  /// A SAS token, as the password of MQTT.
  var token: String?
  /// The certificate of the TLS handshake.
  var certificate: DeviceCertificate?
}

/// Why a device is not let in. The device hears a code, the log the reason, which has no secrets.
struct Refusal: Error, Hashable {
  let code: ConnectCode
  let reason: String

  init(_ code: ConnectCode, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

extension Hub {
  /// Lets a device in, or throws why not. Returns when its token ends; nil for a certificate, which is looked at once.
  func authenticate(
    _ credentials: DeviceCredentials, as address: DeviceAddress, host: String, now: Date = .now
  ) throws -> Date? {
    guard settings.names.contains(host.lowercased()) else {
      throw Refusal(.notAuthorised, "the user name is for another hub")
    }
    guard let identity = try store.identity(address) else { throw Refusal(.notAuthorised, "it is not registered") }
    let device = address.module == nil ? identity : try store.identity(DeviceAddress(device: address.device))
    if !identity.isEnabled || device?.isEnabled == false { throw Refusal(.notAuthorised, "it is disabled") }

    switch identity.authentication {
    case .symmetricKey(let primary, let secondary):
      guard let token = credentials.token else { throw Refusal(.notAuthorised, "it shows no token") }
      return try check(token, keys: [primary, secondary], address, host: host, now: now)
    case .selfSigned(let primary, let secondary):
      let certificate = try shown(credentials)
      guard [primary, secondary].contains(where: { $0.map(certificate.hasThumbprint) == true }) else {
        throw Refusal(.notAuthorised, "its certificate has another thumbprint")
      }
    case .certificateAuthority:
      let certificate = try shown(credentials)
      do throws(CertificateError) {
        try certificate.verify(with: settings.deviceAuthorities)
      } catch {
        throw Refusal(.notAuthorised, "no authority vouches for its certificate (\(error.code))")
      }
      let name = address.module.map { "\(address.device)/\($0)" } ?? address.device
      guard certificate.commonName == name else {
        throw Refusal(.notAuthorised, "its certificate is somebody else's")
      }
    }
    return nil
  }

  private func check(
    _ token: String, keys: [String], _ address: DeviceAddress, host: String, now: Date
  ) throws(Refusal) -> Date {
    guard let signature = SharedAccessSignature(token) else {
      throw Refusal(.badUserNameOrPassword, "the password is not a token")
    }
    if signature.policy != nil { throw Refusal(.notAuthorised, "the token is a policy's") }
    let path = ["devices", address.device] + (address.module.map { ["modules", $0] } ?? [])
    guard signature.covers(host: host, path: path) else {
      throw Refusal(.notAuthorised, "the token is for another resource")
    }
    guard signature.isSigned(with: keys) else { throw Refusal(.notAuthorised, "the token's signature is wrong") }
    guard let end = signature.end(now: now), expiredTokens[address] != token else {
      throw Refusal(.notAuthorised, "the token has expired")
    }
    return end
  }

  private func shown(_ credentials: DeviceCredentials) throws(Refusal) -> DeviceCertificate {
    guard let certificate = credentials.certificate else { throw Refusal(.notAuthorised, "it shows no certificate") }
    if credentials.token != nil {
      throw Refusal(.notAuthorised, "it has a token, and is registered with a certificate")
    }
    return certificate
  }
}

#endif
