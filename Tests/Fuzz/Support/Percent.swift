/// What `bytes` are with their escapes decoded, by the definition alone: a % and two digits of either case. Nil when one
/// is malformed.
func percentDecoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
  let digits = Array("0123456789abcdef".utf8)
  var decoded: [UInt8] = []
  var rest = Array(bytes)[...]
  while let first = rest.popFirst() {
    if first != UInt8(ascii: "%") {
      decoded.append(first)
      continue
    }
    let values = rest.prefix(2).compactMap { byte in
      digits.firstIndex(of: (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte) ? byte + 32 : byte)
    }
    guard values.count == 2 else { return nil }
    decoded.append(UInt8(values[0] * 16 + values[1]))
    rest.removeFirst(2)
  }
  return decoded
}
