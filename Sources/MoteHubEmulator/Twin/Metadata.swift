#if Tools

import Foundation

/// `$metadata`: a tree as the properties are, with the time of the last change at each node, and for desired properties the
/// version that made it.
enum Metadata {
  static func stamp(now: Date, version: Int64?) -> JSON.Object {
    var stamp: JSON.Object = ["$lastUpdated": .string(Timestamp.text(now, digits: 7))]
    if let version { stamp["$lastUpdatedVersion"] = .integer(version) }
    return stamp
  }

  static func merged(_ metadata: JSON.Object, with patch: JSON.Object, stamp: JSON.Object) -> JSON.Object {
    var result = metadata
    for (name, value) in stamp { result[name] = value }
    for (name, value) in patch {
      switch value {
      case .null: result[name] = nil
      // What was a plain value keeps nothing but its times, which are renewed.
      case .object(let part): result[name] = .object(merged(metadata[name]?.object ?? [:], with: part, stamp: stamp))
      default: result[name] = .object(stamp)
      }
    }
    return result
  }
}

#endif
