#if Tools

import Foundation

extension HubEvent {
  /// The event as one JSON object: what `monitor --json` prints and the event stream carries.
  package var json: JSON {
    var object: JSON.Object = [
      "sequence": .integer(Int64(sequence)), "time": .string(Timestamp.text(time, digits: 3)), "kind": .string(name),
    ]
    if let address {
      object["device"] = .string(address.device)
      object["module"] = address.module.map(JSON.string)
    }
    describe(&object)
    return .object(object)
  }

  /// What `kind` says in JSON.
  package var name: String {
    switch kind {
    case .telemetry: "telemetry"
    case .connected: "connected"
    case .disconnected: "disconnected"
    case .cloudMessage: "cloudMessage"
    case .method: "method"
    case .twin: "twin"
    case .identity: "identity"
    case .upload: "upload"
    case .missed: "missed"
    }
  }

  private func describe(_ object: inout JSON.Object) {
    switch kind {
    case .telemetry(let message):
      object["systemProperties"] = Self.json(message.systemProperties)
      object["properties"] = Self.json(message.properties)
      if let text = String(validating: message.body, as: UTF8.self) {
        object["body"] = .string(text)
      } else {
        object["bodyBase64"] = .string(Data(message.body).base64EncodedString())
      }
    case .connected(let name): object["protocol"] = .string(name)
    case .disconnected(let reason): object["reason"] = .string(reason)
    case .cloudMessage(let stage, let message):
      object["stage"] = .string(stage.rawValue)
      object["messageId"] = message.messageId.map(JSON.string)
      object["sequenceNumber"] = .integer(message.sequenceNumber)
      object["deliveryCount"] = .integer(Int64(message.deliveryCount))
    case .method(.invoked(let name, let requestId, let payload)):
      object["stage"] = "invoked"
      object["name"] = .string(name)
      object["requestId"] = .string(requestId)
      object["payload"] = payload
    case .method(.answered(let name, let requestId, let status, let payload)):
      object["stage"] = "answered"
      object["name"] = .string(name)
      object["requestId"] = .string(requestId)
      object["status"] = .integer(Int64(status))
      object["payload"] = payload
    case .method(.failed(let name, let requestId, let error)):
      object["stage"] = "failed"
      object["name"] = .string(name)
      object["requestId"] = .string(requestId)
      object["status"] = .integer(Int64(error.status))
      object["message"] = .string(error.message)
    case .twin(let section, let version, let patch, let isReplaced):
      object["section"] = .string(section.rawValue)
      object["version"] = .integer(version)
      object["patch"] = patch
      if isReplaced { object["replaced"] = true }
    case .identity(let stage): object["stage"] = .string(stage.rawValue)
    case .upload(let stage, let upload):
      object["blobName"] = .string(upload.blob)
      object["correlationId"] = .string(upload.correlationId)
      switch stage {
      case .asked: object["stage"] = "asked"
      case .ended(let outcome, let length):
        object["stage"] = outcome.isSuccess ? "finished" : "failed"
        object["bytes"] = length.map(JSON.integer)
        object["status"] = outcome.status.map(JSON.integer)
        object["description"] = outcome.description.map(JSON.string)
      }
    case .missed(let count): object["count"] = .integer(Int64(count))
    }
  }

  /// Of properties with the same name the last one stays.
  private static func json(_ properties: [CloudMessage.Property]) -> JSON {
    var object: JSON.Object = [:]
    for property in properties { object[property.name] = property.value.map(JSON.string) ?? .null }
    return .object(object)
  }
}

#endif
