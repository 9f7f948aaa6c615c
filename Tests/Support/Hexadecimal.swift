/// The bytes that hexadecimal digits stand for; spaces between them are for the eye.
public func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 255) }
  precondition(digits.count % 2 == 0 && digits.allSatisfy { $0 < 16 })
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
