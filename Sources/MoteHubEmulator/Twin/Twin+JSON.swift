#if Tools

extension Twin {
  /// What a device gets (protocol.md 9.1): both sections with `$version`, no tags, no metadata.
  package var deviceJSON: JSON {
    ["desired": .object(desired.versioned), "reported": .object(reported.versioned)]
  }

  /// What a connected device is told of a change of its desired properties (protocol.md 9.3).
  package func notification(of patch: JSON.Object) -> JSON {
    var told = patch
    told["$version"] = .integer(desired.version)
    return .object(told)
  }

  /// `properties` as the service side has it, with metadata.
  package var serviceProperties: JSON {
    ["desired": .object(desired.withMetadata), "reported": .object(reported.withMetadata)]
  }
}

extension Twin.Section {
  fileprivate var versioned: JSON.Object {
    var object = properties
    object["$version"] = .integer(version)
    return object
  }

  fileprivate var withMetadata: JSON.Object {
    var object = properties
    object["$metadata"] = .object(metadata)
    object["$version"] = .integer(version)
    return object
  }
}

#endif
