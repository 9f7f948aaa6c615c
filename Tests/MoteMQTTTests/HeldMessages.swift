import MoteMQTT

/// What the tests of acknowledgements begin with.
protocol HeldMessages {}

extension HeldMessages {
  /// Connected, holding what comes when `holding`.
  func bench(holding: Bool = true) throws -> Bench {
    let bench = Bench()
    try bench.connect()
    if holding { bench.holds = { $0.kind == .message && $0.token != 0 } }
    return bench
  }

  /// Messages with these identifiers.
  func messages(_ identifiers: ClosedRange<Int>) -> [UInt8] {
    identifiers.map { Server.message("t", [UInt8($0)], identifier: $0) }.reduce([], +)
  }
}
