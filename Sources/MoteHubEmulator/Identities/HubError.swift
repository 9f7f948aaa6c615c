#if Tools

/// A refusal as the service words it: the same over MQTT and HTTP (protocol.md 12.7 and 20).
package struct HubError: Error, Hashable, Sendable {
  /// The status of HTTP, and of answers on `$iothub/twin/res/`.
  package var status: Int
  /// The service's number: status and three digits.
  package var code: Int
  /// The name that the service has for it.
  package var name: String
  package var message: String

  package init(_ status: Int, _ code: Int, _ name: String, _ message: String) {
    self.status = status
    self.code = code
    self.name = name
    self.message = message
  }
}

extension HubError {
  package static func argumentInvalid(_ message: String) -> HubError { .init(400, 400_004, "ArgumentInvalid", message) }
  package static func formatError(_ message: String) -> HubError { .init(400, 400_006, "IotHubFormatError", message) }
  package static func unauthorised(_ message: String) -> HubError {
    .init(401, 401_003, "IotHubUnauthorizedAccess", message)
  }
  package static func queueFull(_ address: DeviceAddress) -> HubError {
    .init(
      403, 403_004, "DeviceMaximumQueueDepthExceeded",
      "\(CloudMessage.maximumQueued) messages wait for \(address), which is the most that there may be.")
  }
  package static func tooManyUploads(_ address: DeviceAddress) -> HubError {
    .init(
      403, 403_006, "DeviceMaximumActiveFileUploadLimitExceeded",
      "\(address) has \(Upload.mostActive) uploads whose end it has not told, which is the most that there may be.")
  }
  package static func notFound(_ address: DeviceAddress) -> HubError {
    address.module == nil
      ? .init(404, 404_001, "DeviceNotFound", "Device \(address) is not registered.")
      : .init(404, 404_010, "ModuleNotFound", "Module \(address) is not registered.")
  }
  package static func notOnline(_ address: DeviceAddress) -> HubError {
    .init(404, 404_103, "DeviceNotOnline", "\(address) is not connected, or takes no methods.")
  }
  package static func alreadyExists(_ address: DeviceAddress) -> HubError {
    address.module == nil
      ? .init(409, 409_001, "DeviceAlreadyExists", "Device \(address) is registered already.")
      : .init(409, 409_301, "ModuleAlreadyExistsOnDevice", "Module \(address) is registered already.")
  }
  package static let preconditionFailed = HubError(
    412, 412_001, "PreconditionFailed", "The ETag is not the present one: somebody else has made a change.")
  package static func tooLarge(_ message: String) -> HubError { .init(413, 413_001, "MessageTooLarge", message) }
  package static let throttled = HubError(
    429, 429_001, "ThrottlingException", "Too many requests: wait, and try again.")
  package static func timedOut(_ message: String) -> HubError { .init(504, 504_101, "GatewayTimeout", message) }
}

#endif
