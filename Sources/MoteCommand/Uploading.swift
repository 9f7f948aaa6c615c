import CMote
import Glibc
import Mote
import MoteBytes
import MoteHub
import MoteLinux
import MoteTransport

/// An upload with all of its memory, and its run loop.
final class Uploading {
  private let console: Console
  private let wakeup: Wakeup
  private let settings: ConnectionSettings
  private let credentials: Credentials
  private let way: Way
  private let file: UploadFile
  private let host: Memory
  private let name: Memory
  private let type: Memory
  private let memory: Memory
  private var client: DeviceClient
  private var upload: Upload
  private var progress: UploadProgress
  /// Where the file goes, once that is known.
  private var storage: Endpoint?
  private var signal: Exit?

  init(
    _ settings: ConnectionSettings, _ file: UploadFile, name: String, type: String, blockSize: UInt32, attempts: UInt8
  ) throws(Explanation) {
    self.settings = settings
    self.file = file
    console = Console(isVerbose: settings.isVerbose)
    wakeup = try Wakeup()
    if settings.isInsecure { Connection.warn() }
    credentials = try Credentials(
      caFile: settings.caFile, certificate: settings.certificate, key: settings.key, isInsecure: settings.isInsecure)
    way = try Way(settings.proxy)
    let target = settings.target
    host = Memory(target.host.utf8)
    self.name = Memory(name.utf8)
    self.type = Memory(type.utf8)
    // Holds what the hub answers, and a few TLS records, or a block when the length is not known: there may be 50,000.
    memory = Memory(count: file.length == nil ? 1024 * 1024 : 96 * 1024)
    // Without a protocol: it is who the device is.
    client = DeviceClient(
      settings.device.identity, signer: settings.device.signer, port: way.port, tls: credentials.tls,
      endpoint: host.region, portNumber: target.port, options: .init())
    var options = Upload.Options()
    options.blockSize = blockSize
    options.attempts = attempts
    upload = Upload(
      client, port: way.port, tls: credentials.tls, portNumber: target.port, memory: memory.region, options: options)
    progress = UploadProgress(length: file.length)
  }

  func run() throws(Explanation) {
    do throws(Failure) {
      try upload.start(
        file.source, length: file.length ?? Upload.unknown, name: name.region, type: type.region, now: LinuxPort.now)
    } catch {
      throw Explanation(.data, "The file cannot be uploaded: \(statusText(error.code))")
    }
    console.note("asking \(settings.target.text) where the file goes")
    var event = UploadEvent()
    while true {
      let isEvent = upload.poll(now: LinuxPort.now, &event)
      tellStorage()
      if isEvent {
        switch event.kind {
        case .none, .progress: break
        case .retrying:
          // What never worked is more likely wrong than broken, unless the hub says that it is busy.
          if storage == nil && event.status != MOTE_ERROR_REFUSED_UNAVAILABLE { throw explanation(event) }
          tellRetry(event)
        case .done: return tellDone()
        case .failed:
          progress.clear()
          throw signal.map { Explanation($0, "Given up, and the hub knows.") } ?? explanation(event)
        }
      }
      if event.kind != .done { progress.update(event.offset) }
      if isEvent { continue }
      // What cannot be waited for is never waiting.
      wakeup.watch(file.isWaiting ? file.descriptor : nil)
      _ = way.wait(
        toRead: event.waitsToRead, toWrite: event.waitsToWrite, until: min(event.deadline, progress.deadline),
        other: wakeup.descriptor)
      try takeSignal()
    }
  }

  private func takeSignal() throws(Explanation) {
    guard let exit = wakeup.takeSignal() else { return }
    guard signal == nil else {
      progress.clear()
      throw Explanation(exit, "Given up. The hub was not told.")
    }
    signal = exit
    console.note("giving up; telling the hub")
    try? upload.cancel()
  }

  private func tellStorage() {
    guard storage == nil, upload.storage.count > 0 else { return }
    storage = Endpoint(upload.storage.text, defaultPort: Endpoint.httpsPort)
    console.note("putting the file to \(storage?.text ?? upload.storage.text)")
  }

  private func tellRetry(_ event: UploadEvent) {
    progress.clear()
    complain("\(explanation(event).text) Trying again in \(LinuxPort.seconds(until: event.deadline)) s.")
  }

  private func tellDone() {
    progress.clear()
    complain("\(progress.summary) uploaded as \(settings.device.name)/\(name.region.text)")
  }

  // MARK: Explanations

  /// Why it failed, in words.
  private func explanation(_ event: UploadEvent) -> Explanation {
    let isAtHub = event.step.isAtHub
    let target = isAtHub ? settings.target : storage ?? settings.target
    switch event.status {
    case MOTE_ERROR_NAME_SERVER...MOTE_ERROR_NAME_NOT_FOUND:
      return Explanation(step: .resolve, event.status, event.code, target: target, device: settings.device)
    case MOTE_ERROR_UNREACHABLE...MOTE_ERROR_REFUSED, MOTE_ERROR_PROXY_ANSWER...MOTE_ERROR_PROXY_NAME:
      return Explanation(step: .connect, event.status, event.code, target: target, device: settings.device)
    case MOTE_ERROR_TLS_RECORD_SIZE...MOTE_ERROR_TLS:
      return Explanation(step: .handshake, event.status, event.code, target: target, device: settings.device)
    case MOTE_ERROR_NO_TIME:
      return Explanation(step: .waiting, event.status, event.code, target: target, device: settings.device)
    case MOTE_ERROR_SOURCE_FAILED:
      return Explanation(.input, "The file cannot be read to its end, or has become shorter meanwhile.")
    case MOTE_ERROR_UPLOAD_STORAGE:
      return Explanation(
        .refused, "The storage at \(target.text) refused the file with status \(event.code / 1_000) of HTTP.")
    case MOTE_ERROR_UPLOAD_ANSWER:
      return Explanation(
        .protocolError, "The hub does not say where the file goes. Has it a storage account for file upload?")
    case MOTE_ERROR_REFUSED_AUTHORISATION where event.code == 403_006:
      return Explanation(
        .temporary,
        "The hub refused (403006): ten uploads of this device are under way. They end by themselves within an hour.")
    case MOTE_ERROR_HUB_REFUSED:
      return Explanation(
        .data,
        "The hub refused (\(event.code)): it takes no file of that name, or has no storage account for file upload.")
    case MOTE_ERROR_REFUSED_UNAVAILABLE where !isAtHub:
      return Explanation(
        .temporary, "The storage at \(target.text) is too busy, or out of order (status \(event.code / 1_000) of HTTP)."
      )
    default:
      if let told = Explanation(overHTTPS: event.status, event.code, settings.device) { return told }
      return Explanation(.temporary, "The upload over \(target.text) failed: \(statusText(event.status))")
    }
  }
}
