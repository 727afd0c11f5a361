import Crypto
import Testing

@Suite struct DigestTests {
  @Test("bytes and hexadecimal digits lead back to the digest")
  func roundTrip() throws {
    let digest = SHA256.digest(of: "order 1")
    #expect(digest.bytes.count == Digest.byteCount)
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == digest)
    #expect(digest != SHA256.digest(of: "order 2"))
    #expect(Set([digest, SHA256.digest(of: "order 1")]).count == 1)
  }

  @Test("another length or letter is no digest", arguments: ["", "00", "zz", "abc"])
  func refused(_ text: String) {
    #expect(Digest(hex: text) == nil)
    #expect(Digest(hex: String(repeating: "0", count: 63) + text) == nil)
    #expect(Digest(bytes: Array(text.utf8)) == nil)
  }
}
