import CMote
import MoteBytes
import MoteHTTP
import MoteHub
import MoteTransport

/// What is asked of the hub and of the storage.
extension Upload {
  /// How many bytes the head of a block's request has at most.
  var headCount: Int {
    // (Mutating, as others here, since Swift copies the whole upload for a getter that is not.)
    mutating get {
      var writer = Writer(.empty)
      writer.appendBlobTarget(answer)
      // What else is in it: the method, the block's name, HTTP's version, two headers' names and a length.
      return writer.count &+ answer.host.count &+ type.count &+ 160
    }
  }

  /// Writes the step's request.
  mutating func ask() throws(Failure) {
    let isAtHub = step.isAtHub
    let identity = identity
    let answer = answer
    let step = step
    let number = blocks
    var request = http.compose((isAtHub ? "POST" as StaticString : "PUT").bytes)
    request.write {
      if isAtHub {
        $0.appendFilesTarget(of: identity, notifying: step == .notify)
      } else {
        $0.appendBlobTarget(answer)
        if step == .list { $0.append("&comp=blocklist") }
        if step == .block {
          $0.append("&comp=block&blockid=")
          $0.appendBlockName(number)
        }
      }
    }
    request.endTarget(host: isAtHub ? identity.host.bytes : answer.host.bytes)
    if isAtHub {
      request.appendHeader(("Content-Type" as StaticString).bytes, ("application/json" as StaticString).bytes)
      if !identity.usesCertificate {
        request.beginHeader(("Authorization" as StaticString).bytes)
        let expiry = UInt64(bitPattern: port.wallSeconds) &+ UInt64(widened: UInt(tokenSeconds))
        let signer = signer
        guard request.write({ $0.appendToken(for: identity, signer: signer, expiry: expiry) }) else { throw .signing }
        request.endLine()
      }
    } else if step != .block {
      if step == .put {
        request.appendHeader(("x-ms-blob-type" as StaticString).bytes, ("BlockBlob" as StaticString).bytes)
      }
      if type.count > 0 { request.appendHeader(("x-ms-blob-content-type" as StaticString).bytes, type.bytes) }
    }
    problem = HubProblem()
    httpStatus = 0
    if step == .list { list = BlockList(blocks: blocks) }
    let gathered = isGathering ? block.part(0, filled) : .empty
    let status = HTTPConnection.send(&http, &request, body: gathered, pieces: isGathering ? 0 : bodyCount)
    if status != 0 { throw Failure(status) }
    isAsked = true
  }

  /// How long the body of the step's request is.
  var bodyCount: Int {
    mutating get {
      switch step {
      case .idle: return 0
      case .ask, .notify:
        var writer = Writer(.empty)
        append(to: &writer)
        return writer.count
      case .put, .block:
        let left = length &- confirmed
        return min(
          blockSize, left < UInt64(widened: UInt(bitPattern: blockSize)) ? Int(truncatingIfNeeded: left) : .max)
      case .list: return list.count
      }
    }
  }

  private mutating func append(to writer: inout Writer) {
    if step == .ask {
      writer.appendUploadQuestion(name: name)
    } else {
      writer.appendUploadOutcome(
        of: answer.correlation, httpStatus: outcome.status == 0 ? 200 : outcome.httpStatus, failure: outcome.status)
    }
  }

  /// Gives a piece of the body: how many bytes, 0 for none now.
  mutating func supply(_ room: Region, at offset: Int) throws(Failure) -> Int {
    switch step {
    case .idle: return 0
    case .ask, .notify:
      var writer = Writer(room)
      append(to: &writer)
      // It goes in one piece.
      guard writer.fits else { throw .httpTooLarge }
      return writer.count
    case .put, .block: return try read(into: room, at: confirmed &+ UInt64(widened: UInt(bitPattern: offset))) ?? -1
    case .list: return list.write(into: room, isFirst: offset == 0)
    }
  }

  /// Reads the file: how many bytes, 0 for none now, nil at its end.
  private mutating func read(into room: Region, at offset: UInt64) throws(Failure) -> Int? {
    let count = source?.read(at: offset, into: room) ?? -1
    if count == MOTE_UPLOAD_END && length == Upload.unknown { return nil }
    guard count >= 0 && count <= room.count else { throw .sourceFailed }
    return Int(count)
  }

  /// Reads a block of a file of unknown length, so that its length can be said. Whether it is all there.
  mutating func fill(now: UInt64, _ event: inout UploadEvent) throws(Failure) -> Bool {
    guard isGathering else { return true }
    while !isAtEnd && filled < block.count {
      guard
        let count = try read(
          into: block.part(filled, block.count &- filled), at: confirmed &+ UInt64(widened: UInt(bitPattern: filled)))
      else {
        isAtEnd = true
        break
      }
      if count == 0 {
        event.deadline = now &+ Upload.sourceInterval
        return false
      }
      filled &+= count
    }
    // One block is a file, and a block that is empty is none.
    if blocks == 0 {
      step = isAtEnd ? .put : .block
    } else if filled == 0 {
      step = .list
    }
    guard filled == 0 || blocks < Upload.blockLimit else { throw .httpTooLarge }
    return true
  }
}
