import MoteBytes

/// Replaces a message that is already padded to whole blocks of 64 bytes by its SHA-1 (FIPS 180-4, 6.1), in the first 20 bytes.
/// That proves that a server has read the handshake's key (RFC 6455, 1.3), and nothing else: no secret depends on it, so that
/// mbedTLS can go without its own.
func sha1(_ message: Region) {
  var hash: InlineArray<5, UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
  var block = 0
  while block < message.count {
    // The words of this block that the last sixteen rounds worked with.
    var words: InlineArray<16, UInt32> = .init(repeating: 0)
    var work = hash
    for round in 0..<80 {
      let place = round & 15
      var word: UInt32
      if round < 16 {
        word = message.load(block &+ place &<< 2, as: UInt32.self).bigEndian
      } else {
        word = words[(round &+ 13) & 15] ^ words[(round &+ 8) & 15] ^ words[(round &+ 2) & 15] ^ words[place]
        word = word.rotated(1)
      }
      words[place] = word
      let (b, c, d) = (work[1], work[2], work[3])
      if round < 20 {
        word &+= (d ^ b & (c ^ d)) &+ 0x5A82_7999
      } else if round < 40 {
        word &+= (b ^ c ^ d) &+ 0x6ED9_EBA1
      } else if round < 60 {
        word &+= (b & c | d & (b | c)) &+ 0x8F1B_BCDC
      } else {
        word &+= (b ^ c ^ d) &+ 0xCA62_C1D6
      }
      word &+= work[0].rotated(5) &+ work[4]
      work[4] = d
      work[3] = c
      work[2] = b.rotated(30)
      work[1] = work[0]
      work[0] = word
    }
    for place in 0..<5 { hash[place] &+= work[place] }
    block &+= 64
  }
  let digest = message.part(0, 20)
  for place in 0..<5 { digest.store(hash[place].bigEndian, at: place &<< 2) }
}

extension UInt32 {
  fileprivate func rotated(_ count: UInt32) -> UInt32 { self &<< count | self &>> (32 &- count) }
}
