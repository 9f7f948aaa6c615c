import Mote

/// What is printed as it comes: until there was enough of it, or a signal.
protocol Watch {
  var connection: Connection { get }
  /// How many to print; nil: without end.
  var limit: Int? { get }
  var printed: Int { get }
  /// What is counted, in plural.
  static var name: String { get }

  mutating func take(_ event: DeviceEvent) throws(Explanation)
}

extension Watch {
  mutating func run() throws(Explanation) {
    try connection.start()
    while printed != limit {
      if let event = connection.next() {
        try take(event)
      } else if let exit = connection.takeSignal() {
        connection.close()
        if let limit { throw Explanation(exit, "Stopped after \(printed) of \(limit) \(Self.name).") }
        return
      }
    }
    connection.close()
  }
}
