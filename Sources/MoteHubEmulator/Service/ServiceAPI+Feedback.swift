#if Tools

import Foundation
import NIOHTTP1

/// What became of messages whose senders want to hear of it, several at a time. A batch is locked for a minute, and gone when
/// it is completed.
extension ServiceAPI {
  private static let mostFeedback = 64

  func addFeedback(to router: inout Router) {
    let path = "/messages/serviceBound/feedback"
    router.on(.GET, path) { _ in
      let batch = try hub.store.feedback(limit: Self.mostFeedback, besides: feedbackLocks.locked(now: .now))
      if batch.isEmpty { return HTTPResponse(.noContent) }
      let token = feedbackLocks.lock(batch.map(\.id), now: .now)
      var response = HTTPResponse.json(.array(batch.map(\.json)), etag: token)
      response.headers.replaceOrAdd(name: "Content-Type", value: "application/vnd.microsoft.iothub.feedback.json")
      return response
    }
    router.on(.DELETE, path + "/{token}") { request in
      try hub.store.removeFeedback(unlock(request))
      return HTTPResponse(.noContent)
    }
    router.on(.POST, path + "/{token}/abandon") { request in
      _ = try unlock(request)
      return HTTPResponse(.noContent)
    }
  }

  private func unlock(_ request: HTTPRequest) throws -> [Int64] {
    guard let ids = feedbackLocks.unlock(request.parameters["token"] ?? "", now: .now) else {
      throw HubError(412, 412_002, "DeviceMessageLockLost", "Nothing is locked with this token: a lock lasts a minute.")
    }
    return ids
  }
}

/// Which feedback somebody is looking at.
final class FeedbackLocks {
  private static let time: TimeInterval = 60
  private var batches: [String: (ids: [Int64], end: Date)] = [:]

  func locked(now: Date) -> Set<Int64> {
    batches = batches.filter { $0.value.end > now }
    return Set(batches.values.flatMap(\.ids))
  }

  func lock(_ ids: [Int64], now: Date) -> String {
    let token = UUID().uuidString.lowercased()
    batches[token] = (ids, now + Self.time)
    return token
  }

  func unlock(_ token: String, now: Date) -> [Int64]? {
    guard let batch = batches.removeValue(forKey: token), batch.end > now else { return nil }
    return batch.ids
  }
}

extension Feedback {
  fileprivate var json: JSON {
    [
      "originalMessageId": originalMessageId.map(JSON.string) ?? .null, "description": .string(outcome.rawValue),
      "statusCode": .string(outcome.rawValue), "deviceId": .string(device), "deviceGenerationId": .string(generationId),
      "enqueuedTimeUtc": .string(Timestamp.text(enqueuedTime, digits: 7)),
    ]
  }
}

#endif
