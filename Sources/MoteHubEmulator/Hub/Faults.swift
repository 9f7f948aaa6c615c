#if Tools

import Foundation
import Logging
import NIOCore

/// What goes wrong on demand.
package struct Fault: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Ends connections now.
    case drop
    /// Ends connections now that have a token; those tokens are not taken again.
    case expireTokens
    /// Ends all connections and listens elsewhere from now on.
    case failOver(host: String, port: Int)
    /// Answers CONNECT with this code.
    case refuse(ConnectCode)
    /// What the hub says comes so much later.
    case delay(milliseconds: Int)
    /// Answers requests for a twin with 429.
    case throttle
    /// Keeps PUBACKs to itself.
    case losePubacks
    /// Ends the connection in the middle of the next packet that the hub sends.
    case closeMidPacket
    /// Answers what puts a file, or a block of one, with this status of storage: 403, 500 or 503.
    case refuseUpload(status: Int)
    /// Ends the connection in the middle of what puts a file, or a block of one.
    case closeMidUpload
    /// The tokens that were given for files until now are not taken any more.
    case expireUploads

    /// Whether it happens once, when it is asked for, and does not stay.
    package var isImmediate: Bool {
      switch self {
      case .drop, .expireTokens, .failOver, .expireUploads: true
      default: false
      }
    }
  }

  /// Given by the hub, for removal; 0 for one that does not stay.
  package var id = 0
  package var kind: Kind
  /// Whom it meets: all identities without a device, and a device's modules too without a module.
  package var device: String?
  package var module: String?
  /// How often it still happens; nil until it is removed.
  package var count: Int?

  package init(_ kind: Kind, device: String? = nil, module: String? = nil, count: Int? = nil) {
    self.kind = kind
    self.device = device
    self.module = module
    self.count = count
  }

  func meets(_ address: DeviceAddress) -> Bool {
    (device == nil || device == address.device) && (module == nil || module == address.module)
  }
}

/// The faults that stay until they are used up or removed.
package final class Faults {
  package private(set) var list: [Fault] = []
  private var last = 0

  func add(_ fault: Fault) -> Fault {
    var fault = fault
    last += 1
    fault.id = last
    list.append(fault)
    return fault
  }

  /// False when there is none with this number.
  package func remove(_ id: Int) -> Bool {
    let count = list.count
    list.removeAll { $0.id == id }
    return list.count < count
  }

  package func removeAll() { list = [] }

  /// The first fault that meets an identity and that `select` finds something in. It is used up by one.
  func take<Found>(_ address: DeviceAddress, _ select: (Fault.Kind) -> Found?) -> Found? {
    for (index, fault) in list.enumerated() where fault.meets(address) {
      guard let found = select(fault.kind) else { continue }
      if let count = fault.count {
        if count > 1 { list[index].count = count - 1 } else { list.remove(at: index) }
      }
      return found
    }
    return nil
  }

  /// Whether a fault of this kind meets an identity now. It is used up by one.
  func take(_ address: DeviceAddress, _ kind: Fault.Kind) -> Bool { take(address) { $0 == kind ? true : nil } ?? false }
}

extension Hub {
  /// Makes something go wrong. Returns the fault with its number, for removal; an immediate one has happened.
  package func cause(_ fault: Fault) throws -> Fault {
    if let count = fault.count, count < 1 { throw HubError.argumentInvalid("A fault's count is at least 1.") }
    let met = links.values.filter { fault.meets($0.address) }
    switch fault.kind {
    case .drop: for link in met { link.close("a fault: drop") }
    case .expireTokens: for link in met { link.expireToken() }
    case .failOver(let host, let port):
      guard let failOver else { throw HubError.argumentInvalid("No listener can fail over.") }
      for link in Array(links.values) { link.close("a fault: fail over") }
      failOver(host, port).whenFailure { [log] error in
        log.error("fail over", metadata: ["error": "\(error)"])
      }
    case .expireUploads: expiredUploads[fault.device] = .now + settings.uploadTimeToLive
    default: return faults.add(fault)
    }
    return fault
  }
}

#endif
