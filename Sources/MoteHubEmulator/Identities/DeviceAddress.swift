#if Tools

/// Who it is that connects: a device, or a module of one. Identifiers are case-sensitive ASCII (protocol.md 1).
package struct DeviceAddress: Hashable, Sendable {
  package var device: String
  package var module: String?

  package init(device: String, module: String? = nil) {
    self.device = device
    self.module = module
  }

  /// Whether an identifier has 1 to 128 characters, all of them allowed.
  package static func isValid(_ identifier: String) -> Bool {
    (1...128).contains(identifier.utf8.count)
      && identifier.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default: punctuation.contains(byte)
        }
      }
  }

  /// Whether the hub takes both identifiers.
  package var isValid: Bool { Self.isValid(device) && module.map(Self.isValid) != false }

  private static let punctuation = Array("-:.+%_#*?!(),=@$'".utf8)
}

extension DeviceAddress: CustomStringConvertible {
  /// `device`, or `device/module`.
  package var description: String { module.map { "\(device)/\($0)" } ?? device }
}

#endif
