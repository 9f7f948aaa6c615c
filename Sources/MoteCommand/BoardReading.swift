import Glibc
import MoteBytes

/// What Linux says of the machine it runs on, now.
struct BoardReading {
  /// The reading as a JSON object. What the machine does not tell is left out.
  static var json: String {
    var object = JSONObject()
    object.append("time", JSONObject.text(time))
    if let load = readFile("/proc/loadavg")?.split(separator: " "), load.count > 2 {
      object.append("load1", JSONObject.number(load[0]))
      object.append("load5", JSONObject.number(load[1]))
      object.append("load15", JSONObject.number(load[2]))
    }
    if let memory = readFile("/proc/meminfo") {
      object.append("memoryTotalKiB", field("MemTotal:", of: memory))
      object.append("memoryAvailableKiB", field("MemAvailable:", of: memory))
    }
    if let uptime = readFile("/proc/uptime")?.split(separator: " ").first {
      object.append("uptimeSeconds", JSONObject.number(uptime))
    }
    let temperatures = temperatures
    if !temperatures.isEmpty { object.append("temperatures", "[\(temperatures.joined(separator: ","))]") }
    return object.text
  }

  /// UTC as ISO 8601 has it.
  private static var time: String {
    var seconds = Glibc.time(nil)
    let capacity = 32
    // Sound: both functions keep to what they are given, and the text ends with a NUL.
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
      var parts = unsafe tm()
      unsafe text.initialize(repeating: 0)
      guard unsafe gmtime_r(&seconds, &parts) != nil, let start = text.baseAddress else { return "" }
      unsafe strftime(start, capacity, "%Y-%m-%dT%H:%M:%SZ", &parts)
      return unsafe String(cString: start)
    }
  }

  /// The number after `name` in lines like `MemTotal:  16384 kB`.
  private static func field(_ name: String, of text: String) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: " ").dropFirst().first.flatMap(JSONObject.number)
  }

  /// The thermal zones, each a JSON object.
  private static var temperatures: [String] {
    var zones: [String] = []
    for index in 0..<64 {
      let folder = "/sys/class/thermal/thermal_zone\(index)"
      guard let name = readFile(folder + "/type") else { break }
      guard let value = readFile(folder + "/temp").flatMap({ Double($0.trimmingNewline) }) else { continue }
      var zone = JSONObject()
      zone.append("zone", JSONObject.text(String(name.trimmingNewline)))
      zone.append("celsius", "\(value / 1_000)")
      zones.append(zone.text)
    }
    return zones
  }
}

extension String {
  fileprivate var trimmingNewline: Substring { hasSuffix("\n") ? dropLast() : self[...] }
}

/// A small file's text, or nil.
private func readFile(_ path: String) -> String? {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  let memory = Memory(count: 65_536)
  // Sound: reads no more than there is room for. The files of /proc give all in one read.
  let count = unsafe read(descriptor, memory.region.pointer, memory.region.count)
  return count > 0 ? memory.region.part(0, count).text : nil
}
