public import MoteBytes
public import MoteJSON

/// What IoT Plug and Play puts into reported properties.
extension JSONWriter {
  /// Begins a component, an object with its marker, up to `end()`.
  public mutating func beginComponent(_ name: Span<UInt8>) {
    self.name(name)
    beginObject()
    self.name("__t")
    string("c")
  }

  /// Begins the acknowledgement of a writable property. The value that it has now is next, and then
  /// ``endAcknowledgement(status:version:description:)``.
  public mutating func beginAcknowledgement(_ name: Span<UInt8>) {
    self.name(name)
    beginObject()
    self.name("value")
  }

  /// Ends an acknowledgement. `status`: 200 done, 202 in progress, 203 a value of the device's own, with version 0, 400
  /// refused. `version`: the desired `$version` that was acted on. `description`: free text, or nil for none.
  public mutating func endAcknowledgement(status: UInt, version: Int64, description: Region?) {
    name("ac")
    integer(Int64(bitPattern: UInt64(widened: status)))
    name("av")
    integer(version)
    if let description {
      name("ad")
      string(description.bytes)
    }
    end()
  }
}
