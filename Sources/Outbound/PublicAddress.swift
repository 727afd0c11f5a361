/// Tells the addresses of the public internet from those of this machine, its networks and the
/// services of its provider.
public enum PublicAddress {
  /// Why an address must not be connected to, as the end of a sentence; nil for a public one.
  ///
  /// The address is in network order: 4 bytes of IPv4 or 16 of IPv6. An IPv4 address inside an IPv6
  /// one is judged as what it is.
  public static func refusal(of bytes: [UInt8]) -> String? {
    switch bytes.count {
    case 4: return refusal(ofIPv4: bytes)
    case 16:
      if let inner = embeddedIPv4(bytes) { return refusal(ofIPv4: inner) }
      return refusal(ofIPv6: bytes)
    default: return "it is no address of the internet"
    }
  }

  /// Of each range the first bytes and how many bits of them count.
  private static let closedIPv4: [(first: [UInt8], bits: Int, words: String)] = [
    ([0], 8, "it stands for this network"),
    ([10], 8, "it is private"),
    ([100, 64], 10, "it is shared by a provider's customers"),
    ([127], 8, "it is this machine's own"),
    ([169, 254], 16, "it is of the link, where providers keep their metadata"),
    ([172, 16], 12, "it is private"),
    ([192, 0, 0], 24, "it is reserved"),
    ([192, 168], 16, "it is private"),
    ([198, 18], 15, "it is for measurements"),
    ([224], 4, "it is for many receivers"),
    ([240], 4, "it is reserved"),
  ]

  private static func refusal(ofIPv4 bytes: [UInt8]) -> String? {
    closedIPv4.first { begins(bytes, with: $0.first, bits: $0.bits) }?.words
  }

  private static func refusal(ofIPv6 bytes: [UInt8]) -> String? {
    if bytes.dropLast().allSatisfy({ $0 == 0 }) {
      return bytes[15] == 1 ? "it is this machine's own" : "it stands for no address"
    }
    if begins(bytes, with: [0xfc], bits: 7) { return "it is private" }
    if begins(bytes, with: [0xfe, 0x80], bits: 10) { return "it is of the link" }
    if begins(bytes, with: [0xff], bits: 8) { return "it is for many receivers" }
    return begins(bytes, with: [0x20], bits: 3) ? nil : "it is reserved"
  }

  /// The address of IPv4 inside ::ffff:0:0/96, ::/96, 64:ff9b::/96 or 2002::/16.
  private static func embeddedIPv4(_ bytes: [UInt8]) -> [UInt8]? {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
    let prefix = Array(bytes.prefix(12))
    if prefix == mapped || prefix == translated { return Array(bytes.suffix(4)) }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return Array(bytes[2..<6]) }
    return nil
  }

  private static func begins(_ bytes: [UInt8], with first: [UInt8], bits: Int) -> Bool {
    for bit in 0..<bits {
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      if (bytes[bit / 8] ^ (bit / 8 < first.count ? first[bit / 8] : 0)) & mask != 0 {
        return false
      }
    }
    return true
  }
}

extension ConnectPolicy {
  /// Lets only addresses of the public internet pass.
  public static let publicOnly = ConnectPolicy { address in
    PublicAddress.refusal(of: address.bytes).map(Decision.refused) ?? .allowed
  }

  /// Lets addresses of the public internet pass, and private ones of the hosts that an operator
  /// trusts by name, and where a host was written as an address: that cannot be led elsewhere.
  ///
  /// Addresses of the link, where providers keep their metadata, never pass.
  public static func publicAddresses(except trusted: Set<String>) -> ConnectPolicy {
    ConnectPolicy(byHost: { address, host in
      guard let reason = PublicAddress.refusal(of: address.bytes) else { return .allowed }
      if PublicAddress.isOfLink(address.bytes) { return .refused(reason) }
      let isMeant = trusted.contains(host) || PublicAddress.isWritten(host)
      return isMeant ? .allowed : .refused(reason)
    })
  }
}

extension PublicAddress {
  /// Whether an address is of the link, or the one of the metadata that is not.
  static func isOfLink(_ bytes: [UInt8]) -> Bool {
    if bytes.count == 4 { return bytes.starts(with: [169, 254]) }
    if let inner = embeddedIPv4(bytes) { return inner.starts(with: [169, 254]) }
    return begins(bytes, with: [0xfe, 0x80], bits: 10) || bytes.starts(with: [0xfd, 0, 0x0e, 0xc2])
  }

  /// Whether a host is written as an address, or is this machine.
  static func isWritten(_ host: String) -> Bool {
    host == "localhost" || host.hasPrefix("[")
      || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
  }
}
