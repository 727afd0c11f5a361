import Crypto
import Testing

@Suite struct Base64Tests {
  @Test(
    "the examples of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func examples(_ plain: String, _ coded: String) {
    let unpadded = String(coded.prefix { $0 != "=" })
    #expect(Base64.standard.encode(plain.utf8) == coded)
    #expect(Base64.url.encode(plain.utf8) == unpadded)
    #expect(Base64.standard.decode(coded) == Array(plain.utf8))
    #expect(Base64.url.decode(unpadded) == Array(plain.utf8))
  }

  @Test("every byte at every place leads back")
  func roundTrip() {
    for length in 1...4 {
      for byte in UInt8.min...UInt8.max {
        let bytes = [UInt8](repeating: byte, count: length)
        for alphabet in [Base64.standard, .url] {
          #expect(alphabet.decode(alphabet.encode(bytes)) == bytes)
        }
      }
    }
    #expect(Base64.standard.encode([0xfb, 0xff]) == "+/8=")
    #expect(Base64.url.encode([0xfb, 0xff]) == "-_8")
  }

  @Test(
    "what is not canonical is refused",
    arguments: ["Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Zm8=\n", "Zm9-", "Zé=="])
  func refused(_ text: String) {
    #expect(Base64.standard.decode(text) == nil)
  }

  @Test("the alphabet for URLs takes no padding", arguments: ["Zg==", "Z", "Zh", "Zm9+"])
  func refusedInURLs(_ text: String) {
    #expect(Base64.url.decode(text) == nil)
  }
}
