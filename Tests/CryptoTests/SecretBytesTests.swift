import Crypto
import Testing

@Suite struct SecretBytesTests {
  @Test("two draws differ and have the length asked for")
  func draws() {
    #expect(secretBytes(count: 0).isEmpty)
    #expect(secretBytes(count: 32).count == 32)
    #expect(secretBytes(count: 32) != secretBytes(count: 32))
  }

  @Test("equality in constant time is equality")
  func equality() {
    #expect(equalsInConstantTime([UInt8](), []))
    #expect(equalsInConstantTime([1, 2, 3], [1, 2, 3]))
    #expect(!equalsInConstantTime([1, 2, 3], [1, 2, 4]))
    #expect(!equalsInConstantTime([1, 2, 3], [1, 2]))
    #expect(equalsInConstantTime(SHA256.digest(of: "a"), SHA256.digest(of: "a")))
    #expect(!equalsInConstantTime(SHA256.digest(of: "a"), SHA256.digest(of: "b")))
  }
}
