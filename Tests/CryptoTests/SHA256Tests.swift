import Crypto
import Testing

@Suite struct SHA256Tests {
  @Test(
    "the digests of FIPS 180-4's examples",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func examples(_ text: String, _ hex: String) {
    #expect(SHA256.digest(of: text).hex == hex)
    #expect(SHA256.digest(of: Array(text.utf8)) == Digest(hex: hex))
  }

  @Test("pieces of any length hash as the whole, and asking in between changes nothing")
  func pieces() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for length in [1, 3, 63, 64, 65, 999] {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: length) {
        hash.update(Array(bytes[start..<min(start + length, bytes.count)]))
        #expect(hash.digest() == SHA256.digest(of: Array(bytes.prefix(start + length))))
      }
      #expect(hash.digest() == SHA256.digest(of: bytes))
    }
  }

  @Test(
    "the codes of RFC 4231's examples",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131),
        "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
  func authenticationCodes(_ key: [UInt8], _ text: String, _ hex: String) {
    #expect(SHA256.authenticationCode(of: Array(text.utf8), key: key).hex == hex)
  }
}
