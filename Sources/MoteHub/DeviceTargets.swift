public import MoteBytes

/// Where a device's requests over HTTPS go (IoT Hub's device API). Identifiers are percent-encoded here, unlike in topics.
extension Writer {
  private static var version: StaticString { "?api-version=2021-04-12" }

  private mutating func appendDeviceTarget(of identity: Identity) {
    append("/devices/")
    appendPercentEncoded(identity.device.bytes)
    if identity.module.count > 0 {
      append("/modules/")
      appendPercentEncoded(identity.module.bytes)
    }
  }

  /// Appends where messages to the cloud go.
  public mutating func appendEventsTarget(of identity: Identity) {
    appendDeviceTarget(of: identity)
    append("/messages/events")
    append(Writer.version)
  }

  /// Appends where the next message from the cloud is; with the token of its `lock`, where it is settled: completed, or with
  /// `rejecting` rejected, or with `abandoning` left for later.
  public mutating func appendDeviceBoundTarget(
    of identity: Identity, lock: Span<UInt8>, rejecting: Bool = false, abandoning: Bool = false
  ) {
    appendDeviceTarget(of: identity)
    append("/messages/deviceBound")
    if lock.count > 0 {
      append(UInt8(ascii: "/"))
      appendPercentEncoded(lock)
    }
    if abandoning { append("/abandon") }
    append(Writer.version)
    if rejecting { append("&reject") }
  }

  /// Appends where a device asks for a place for a file; when it is `notifying`, where it says what became of the file.
  public mutating func appendFilesTarget(of identity: Identity, notifying: Bool) {
    appendDeviceTarget(of: identity)
    append("/files")
    if notifying { append("/notifications") }
    append(Writer.version)
  }
}
