import Outbound
import Testing

@Suite struct PublicAddressTests {
  @Test(
    "addresses of this machine, its networks and its provider are refused",
    arguments: [
      [0, 0, 0, 0], [10, 255, 0, 1], [100, 64, 0, 1], [100, 127, 255, 255], [127, 0, 0, 1],
      [169, 254, 169, 254], [172, 16, 0, 1], [172, 31, 255, 255], [192, 0, 0, 8],
      [192, 168, 1, 1], [198, 18, 0, 1], [198, 19, 255, 255], [224, 0, 0, 1], [255, 255, 255, 255],
    ] as [[UInt8]])
  func closedIPv4(bytes: [UInt8]) {
    #expect(PublicAddress.refusal(of: bytes) != nil)
    let zeros = [UInt8](repeating: 0, count: 10)
    #expect(PublicAddress.refusal(of: zeros + [0xff, 0xff] + bytes) != nil, "mapped")
    let translated: [UInt8] = [0, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8)
    #expect(PublicAddress.refusal(of: translated + bytes) != nil, "translated")
    let tunnelled: [UInt8] = [0x20, 0x02] + bytes + zeros
    #expect(PublicAddress.refusal(of: tunnelled) != nil, "tunnelled")
  }

  @Test(
    "their neighbours are public",
    arguments: [
      [1, 1, 1, 1], [9, 255, 255, 255], [11, 0, 0, 0], [100, 63, 255, 255], [100, 128, 0, 0],
      [126, 0, 0, 1], [128, 0, 0, 1], [169, 253, 0, 1], [172, 15, 0, 1], [172, 32, 0, 1],
      [192, 0, 1, 0], [192, 167, 0, 1], [198, 17, 0, 1], [198, 20, 0, 1], [223, 255, 255, 255],
    ] as [[UInt8]])
  func openIPv4(bytes: [UInt8]) {
    #expect(PublicAddress.refusal(of: bytes) == nil)
    let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + bytes
    #expect(PublicAddress.refusal(of: mapped) == nil)
  }

  @Test(
    "of IPv6 only what is routed on the internet is public",
    arguments: [
      ("20010db8", true), ("26064700", true), ("3fff0000", true), ("fc000000", false),
      ("fd00ec20", false), ("fe800000", false), ("febf0000", false), ("ff020000", false),
      ("00000000", false), ("40000000", false),
    ])
  func ipv6(prefix: String, isPublic: Bool) {
    let first = UInt32(prefix, radix: 16) ?? 0
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: first >> UInt32(24 - 8 * $0)) }
    for last in [UInt8(0), 1, 2] {
      let address = bytes + [UInt8](repeating: 0, count: 11) + [last]
      #expect((PublicAddress.refusal(of: address) == nil) == isPublic)
    }
  }

  @Test("what is no address is refused")
  func none() {
    #expect(PublicAddress.refusal(of: []) != nil)
  }
}
