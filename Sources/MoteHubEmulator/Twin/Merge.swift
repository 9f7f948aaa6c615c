#if Tools

/// JSON merge patch (RFC 7396), for objects.
enum Merge {
  static func merged(_ object: JSON.Object, with patch: JSON.Object) -> JSON.Object {
    var result = object
    for (name, value) in patch {
      switch value {
      case .null: result[name] = nil
      case .object(let part): result[name] = .object(merged(object[name]?.object ?? [:], with: part))
      default: result[name] = value
      }
    }
    return result
  }

  /// The object without members that are null, at every level.
  static func withoutNulls(_ object: JSON.Object) -> JSON.Object { merged([:], with: object) }

  /// The patch that makes one object of another: changed members only, null for those that go away.
  static func patch(from old: JSON.Object, to new: JSON.Object) -> JSON.Object {
    var patch: JSON.Object = [:]
    for (name, value) in new where old[name] != value {
      if case .object(let old)? = old[name], case .object(let new) = value {
        patch[name] = .object(Self.patch(from: old, to: new))
      } else {
        patch[name] = value
      }
    }
    for (name, _) in old where new[name] == nil { patch[name] = .null }
    return patch
  }
}

#endif
