import Glibc
import MoteBytes

/// Reads lines from a file descriptor in constant memory, without blocking where there is nothing yet.
final class LineReader {
  enum Line {
    /// Its bytes without the newline, which stay until the next line is asked for.
    case line(Region)
    /// Nothing for now: the descriptor can be waited for.
    case later
    case end
    /// Longer than ``limit``.
    case tooLong
    case failed
  }

  static let limit = 262_144

  let descriptor: Int32
  /// Number of the line read last, from 1.
  private(set) var number = 0
  private let memory = Memory(count: 2 * limit)
  private var start = 0
  private var end = 0
  /// Up to where there is no newline.
  private var searched = 0
  private var isAtEnd = false

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Reads the next line.
  func next() -> Line {
    while true {
      if let newline = newline() {
        defer { start = newline + 1 }
        return line(until: newline)
      }
      if end - start > LineReader.limit { return tooLong() }
      if isAtEnd {
        defer { start = end }
        return start == end ? .end : line(until: end)
      }
      guard isReadable else { return .later }
      guard fill() else { return .failed }
    }
  }

  private func line(until end: Int) -> Line {
    if end - start > LineReader.limit { return tooLong() }
    number += 1
    return .line(memory.region.part(start, end - start))
  }

  private func tooLong() -> Line {
    number += 1
    return .tooLong
  }

  private func newline() -> Int? {
    let rest = memory.region.part(searched, end - searched)
    // Sound: searches the bytes of `rest` only.
    let found = unsafe memchr(rest.pointer, Int32(UInt8(ascii: "\n")), rest.count)
    let count = unsafe found.map {
      unsafe UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(rest.pointer)
    }
    defer { searched = count.map { searched + $0 + 1 } ?? end }
    return count.map { searched + $0 }
  }

  private var isReadable: Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&waiting, 1, 0) > 0
  }

  /// Reads what there is, behind the line that has begun.
  private func fill() -> Bool {
    let region = memory.region
    if start > 0 {
      region.copy(region.part(start, end - start).bytes, to: 0)
      end -= start
      searched -= start
      start = 0
    }
    let room = region.part(end, region.count - end)
    // Sound: reads no more than there is room for.
    let count = unsafe read(descriptor, room.pointer, room.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    isAtEnd = count == 0
    end += count
    return true
  }
}
