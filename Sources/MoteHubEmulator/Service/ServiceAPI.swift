#if Tools

import Foundation
import NIOHTTP1

/// The REST API of the service side: the service's own paths, and below `/emulator` what a hub has only here.
package struct ServiceAPI {
  let hub: Hub
  let feedbackLocks = FeedbackLocks()

  package init(_ hub: Hub) { self.hub = hub }

  package func addRoutes(to router: inout Router) {
    addRegistry(to: &router)
    addBulkRegistry(to: &router)
    addQuery(to: &router)
    addTwins(to: &router)
    addMethods(to: &router)
    addMessages(to: &router)
    addFeedback(to: &router)
    addEvents(to: &router)
    addFaults(to: &router)
    addFiles(to: &router)
    router.on(.GET, "/emulator/status") { _ in .json(try status()) }
  }

  private func status() throws -> JSON {
    let counts = try hub.store.deviceCounts()
    return [
      "hostName": .string(hub.settings.hostName), "devices": .integer(Int64(counts.total)),
      "connectedDevices": .integer(Int64(hub.connectedDevices)), "events": .integer(Int64(hub.events.count)),
      "readers": .integer(Int64(hub.events.readerCount)),
    ]
  }
}

extension HTTPRequest {
  /// The identity that the path names. Throws when there can be none of that name.
  func address() throws(HubError) -> DeviceAddress {
    let address = DeviceAddress(device: parameters["device"] ?? "", module: parameters["module"])
    guard address.isValid else {
      throw .argumentInvalid(
        "An identifier has 1 to 128 characters: ASCII letters, digits, and - : . + % _ # * ? ! ( ) , = @ $ '")
    }
    return address
  }
}

extension JSON {
  /// A member that is absent or null is nil; one of another kind throws.
  func text(_ name: String) throws(HubError) -> String? {
    switch self[name] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw .argumentInvalid("\(name): it is not a string.")
    }
  }

  func flag(_ name: String) throws(HubError) -> Bool? {
    switch self[name] {
    case nil, .null: return nil
    case .bool(let flag): return flag
    default: throw .argumentInvalid("\(name): it is neither true nor false.")
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int64>) throws(HubError) -> Int64? {
    switch self[name] {
    case nil, .null: return nil
    case let value?:
      guard let integer = value.integer, range.contains(integer) else {
        throw .argumentInvalid("\(name): it is not an integer from \(range.lowerBound) to \(range.upperBound).")
      }
      return integer
    }
  }
}

#endif
