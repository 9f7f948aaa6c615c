import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// Numbers without floating point.
struct NumberTests {
  private func number<Result>(_ text: String, _ body: (JSONToken) throws(Failure) -> Result) throws -> Result {
    let room = Memory(text.utf8.count + 4)
    let piece = Memory(Array(text.utf8))
    var reader = JSONReader(buffer: room.region)
    try reader.feed(piece.region, isLast: true)
    return try body(try #require(try reader.next()))
  }

  private func integer(_ text: String) throws -> Int64 {
    try number(text) { (token) throws(Failure) in try token.integer() }
  }

  @Test(
    "Integers",
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("10", 10), ("2147483648", 2_147_483_648), ("1.0", 1), ("1.000", 1),
      ("0.0", 0),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("-9223372036854775807", -.max),
      ("9223372036854775807.0", .max), ("922337203685477580.7e1", .max), ("-922337203685477580.8E+1", .min),
      ("92233720368547758070e-1", .max), ("9223372036854775807000e-3", .max),
      ("2.1e1", 21), ("21e0", 21), ("210e-1", 21), ("0.00021e5", 21), ("1e18", 1_000_000_000_000_000_000), ("0e5", 0),
      ("0e999999999999999999999", 0), ("0.000e-999999999999999999999", 0),
      ("-4503599627370496", -4_503_599_627_370_496),
      ("0.0000000000000000000000000000001e31", 1), ("1000000000000000000000000000000e-30", 1),
    ] as [(String, Int64)])
  func integers(_ text: String, _ value: Int64) throws { #expect(try integer(text) == value) }

  @Test(
    "What does not fit is refused, and does not wrap",
    arguments: [
      "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
      "18446744073709551617",
      "92233720368547758080", "99999999999999999999", "-99999999999999999999", "1e19", "-1e19", "1e400",
      "1e99999999999999999999999", "0.1e20", "922337203685477580.8e1", "9223372036854775807e1", "9.3e18",
      "9223372036854775808.0", "1e18446744073709551616",
    ])
  func range(_ text: String) { #expect(throws: Failure.jsonRange) { try integer(text) } }

  @Test(
    "A fraction is no integer",
    arguments: ["0.5", "-0.1", "1.0000000000000000000000001", "1e-1", "123e-2", "1e-400", "5e-999999999999999"])
  func fraction(_ text: String) { #expect(throws: Failure.jsonKind) { try integer(text) } }

  @Test("Other tokens are none", arguments: ["\"1\"", "true", "null", "[1]"])
  func kind(_ text: String) { #expect(throws: Failure.jsonKind) { try integer(text) } }

  @Test(
    "Fixed point, rounded to the nearest",
    arguments: [
      ("21.5", 2, 2150, true), ("21.57", 1, 216, false), ("21.54", 1, 215, false), ("21.55", 1, 216, false),
      ("-21.55", 1, -216, false), ("-21.54", 1, -215, false), ("21", 3, 21000, true), ("0.5", 0, 1, false),
      ("-0.5", 0, -1, false), ("0.49999999999999999999999", 0, 0, false), ("0.05", 0, 0, false), ("0.05", 1, 1, false),
      ("0.95", 1, 10, false), ("9.99", 1, 100, false), ("21.299999999999997", 1, 213, false),
      ("21.300000000000001", 1, 213, false),
      ("21.50", 1, 215, true), ("2.15e1", 1, 215, true), ("2150e-2", 1, 215, true), ("2155e-2", 1, 216, false),
      ("2155e-4", 0, 0, false), ("5155e-4", 0, 1, false), ("55e-2", 0, 1, false), ("55e-3", 0, 0, false),
      ("0.000000000000000001", 18, 1, true), ("9.223372036854775807", 18, .max, true), ("1e-400", 18, 0, false),
      ("922337203685477580.74", 1, 9223372036854775807, false),
      ("0.1000000000000000055511151231257827", 4, 1000, false),
      ("-0.0", 5, 0, true), ("1234567890123456789.4", 0, 1234567890123456789, false),
      ("1234567890123456789.5", 0, 1234567890123456790, false),
      ("1234567890123456789.05", 0, 1234567890123456789, false),
    ] as [(String, Int, Int64, Bool)])
  func fixed(_ text: String, _ decimals: Int, _ value: Int64, _ isExact: Bool) throws {
    let result = try number(text) { (token) throws(Failure) in try token.fixedPoint(decimals: decimals) }
    #expect(result.value == value && result.isExact == isExact, "\(result)")
  }

  @Test("Rounding does not wrap either; decimals have a limit")
  func edges() {
    for (text, decimals) in [
      ("9223372036854775807.5", 0), ("-9223372036854775808.5", 0), ("922337203685477580.75", 1), ("10", 18),
      ("1e10", 9),
    ] {
      #expect(throws: Failure.jsonRange, "\(text)") {
        try number(text) { (token) throws(Failure) in try token.fixedPoint(decimals: decimals) }
      }
    }
    for decimals in [-1, 19, .max, .min] {
      #expect(throws: Failure.jsonKind) {
        try number("1") { (token) throws(Failure) in try token.fixedPoint(decimals: decimals) }
      }
    }
  }

  @Test("A piece of a number is none")
  func pieces() throws {
    let room = Memory(8)
    let piece = Memory(Array("1234567".utf8))
    var reader = JSONReader(buffer: room.region)
    try reader.feed(piece.region, isLast: true)
    for _ in 0..<2 {
      let token = try #require(try reader.next())
      #expect(throws: Failure.jsonKind) { try token.integer() }
    }
  }

  @Test("What the writer writes is read as the same, 64 bits and every number of decimals")
  func roundTrip() throws {
    var generator = Generator(state: 7)
    for _ in 0..<2000 {
      let value = Int64(truncatingIfNeeded: generator.next()) >> Int64(generator.next() % 64)
      let decimals = Int(generator.next() % 19)
      let room = Memory(32)
      var writer = JSONWriter(room.region)
      writer.fixedPoint(value, decimals: decimals)
      let text = String(decoding: room.prefix(try writer.finish().count), as: UTF8.self)
      let result = try number(text) { (token) throws(Failure) in try token.fixedPoint(decimals: decimals) }
      #expect(result.value == value && result.isExact, "\(text)")
    }
  }
}
